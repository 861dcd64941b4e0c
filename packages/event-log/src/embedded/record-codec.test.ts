import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, packRecords } from './record-codec.js';

describe('record codec', () => {
  test('any record comes back as it was', () => {
    const record = fc.record({
      topic: fc.constant('t'),
      key: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      value: fc.uint8Array({ maxLength: 300 }),
      headers: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
      timestampMs: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        let at = 0;
        const packed = packRecords(records, () => ({ topicId: 9, partition: at++ }), 0);
        for (const [index, slot] of packed.slots.entries()) {
          expect([slot.topicId, slot.partition]).toEqual([9, index]);
          const bytes = Buffer.from(packed.buffer, slot.start, slot.end - slot.start);
          const { offset, partition, ...found } = decodeRecord(bytes, 't', index, 42);
          expect([offset, partition]).toEqual([42n, index]);
          expect(found).toEqual({ ...records[index], headers: { ...records[index]?.headers } });
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('a record of another format names where it is and what was found', () => {
    const where = 't/3 at offset 12';
    expect(() => decodeRecord(Buffer.from([9, 0, 0]), 't', 3, 12)).toThrow(where);
    const { buffer } = packRecords(
      [{ topic: 't', key: 'key', value: new Uint8Array(4) }],
      () => ({ topicId: 1, partition: 3 }),
      0,
    );
    expect(() => decodeRecord(Buffer.from(buffer).subarray(0, 20), 't', 3, 12)).toThrow(where);
  });
});
