/** Field names whose values never reach a log line or an error message. */
export const secretNames = [
  'password',
  'secret',
  'token',
  'authorization',
  'apiKey',
  'accessToken',
  'accessKey',
  'secretKey',
  'secretAccessKey',
  'cookie',
] as const;

const lowerCase: ReadonlySet<string> = new Set(secretNames.map((name) => name.toLowerCase()));

export function isSecretName(name: string): boolean {
  return lowerCase.has(name.toLowerCase());
}
