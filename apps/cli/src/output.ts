/** Results go to stdout, one line or one JSON value each; talk goes to stderr. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  const plain = (_key: string, item: unknown) =>
    typeof item === 'bigint' ? item.toString() : item;
  process.stdout.write(`${JSON.stringify(value, plain)}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
