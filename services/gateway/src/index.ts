export {
  type GatewayConfig,
  type GatewayConfigInput,
  gatewayConfigFromEnvironment,
  gatewayConfigSchema,
} from './config.js';
export { GatewayError, type GatewayErrorCode } from './errors.js';
export { createGatewayService, type GatewayService } from './service.js';
