import { status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { ServiceError, serviceErrorCodes } from './errors.js';
import { toGrpcFailure, toGrpcStatus, toHttpStatus } from './status.js';

it('maps every code to a failure in both protocols', () => {
  for (const code of serviceErrorCodes) {
    expect(toGrpcStatus(code), code).toBeGreaterThan(status.OK);
    expect(toHttpStatus(code), code).toBeGreaterThanOrEqual(400);
  }
});

it('sends our sentence and hides a bug', () => {
  expect(toGrpcFailure(new ServiceError('not_found', 'No such glitch.'))).toEqual({
    code: status.NOT_FOUND,
    details: 'No such glitch.',
  });
  expect(toGrpcFailure(new Error('hunter2')).details).not.toContain('hunter2');
});
