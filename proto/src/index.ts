export * from '../gen/glitchwatch/v1/alert.js';
export * from '../gen/glitchwatch/v1/assignment.js';
export * from '../gen/glitchwatch/v1/gateway_service.js';
export * from '../gen/glitchwatch/v1/glitch.js';
export * from '../gen/glitchwatch/v1/ingest_service.js';
export * from './event-id.js';
export * from './headers.js';
export * from './topics.js';
