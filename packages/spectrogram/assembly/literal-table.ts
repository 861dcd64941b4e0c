// Tables by which a Huffman code of DEFLATE is read several literals at a time. RFC 1951, 3.2.2.

const TABLE_BITS: u32 = 10;
export const TABLE_SIZE: u32 = 1 << TABLE_BITS;
export const MAX_BITS: u32 = 15;
export const END_OF_BLOCK: u32 = 256;

// Offsets in the scratch.
export const LENGTHS: usize = 0; // uint8, a code length a symbol
export const COUNTS: usize = 320; // uint16, symbols of each length
const NEXT: usize = 352; // uint16, next code, then next place in SORTED, of each length
export const SORTED: usize = 384; // uint16, symbols by code
export const TABLE: usize = 1024; // uint32, see `fillTable`

/** Whether every sequence of bits is a sequence of codes (Kraft's sum is 1). */
export function isComplete(lengths: usize, n: u32): bool {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const length = <u32>load<u8>(lengths + i);
    if (length > 0) sum += 1 << (MAX_BITS - length);
  }
  return sum === 1 << MAX_BITS;
}

/**
 * Table by the next 10 bits: code length in the low byte, 0 where the code is longer, and
 * the symbol in the upper half. For longer codes the symbols in the order of their codes.
 */
export function fillTable(scratch: usize, n: u32): bool {
  const lengths = scratch + LENGTHS;
  if (!isComplete(lengths, n)) return false;
  const counts = scratch + COUNTS;
  const nextCode = scratch + NEXT;
  const table = scratch + TABLE;
  memory.fill(counts, 0, 32);
  for (let s: u32 = 0; s < n; s++) {
    const at = counts + ((<usize>load<u8>(lengths + s)) << 1);
    store<u16>(at, load<u16>(at) + 1);
  }
  store<u16>(counts, 0);
  let first: u32 = 0;
  for (let length: u32 = 1; length <= MAX_BITS; length++) {
    first = (first + load<u16>(counts + ((length - 1) << 1))) << 1;
    store<u16>(nextCode + (length << 1), <u16>first);
  }
  memory.fill(table, 0, TABLE_SIZE << 2);
  for (let s: u32 = 0; s < n; s++) {
    const length = <u32>load<u8>(lengths + s);
    if (length === 0) continue;
    const at = nextCode + (length << 1);
    const code = <u32>load<u16>(at);
    store<u16>(at, <u16>(code + 1));
    if (length > TABLE_BITS) continue;
    for (let i = reversed(code, length); i < TABLE_SIZE; i += 1 << length) {
      store<u32>(table + (i << 2), length | (s << 16));
    }
  }
  sortSymbols(scratch, n);
  return true;
}

function reversed(code: u32, length: u32): u32 {
  let out: u32 = 0;
  for (let i: u32 = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

function sortSymbols(scratch: usize, n: u32): void {
  const place = scratch + NEXT;
  let sum: u32 = 0;
  for (let length: u32 = 1; length <= MAX_BITS; length++) {
    store<u16>(place + (length << 1), <u16>sum);
    sum += load<u16>(scratch + COUNTS + (length << 1));
  }
  for (let s: u32 = 0; s < n; s++) {
    const length = <usize>load<u8>(scratch + LENGTHS + s);
    if (length === 0) continue;
    const at = place + (length << 1);
    const to = load<u16>(at);
    store<u16>(scratch + SORTED + ((<usize>to) << 1), <u16>s);
    store<u16>(at, to + 1);
  }
}

/**
 * Makes entries of literals say how many they are, in the second byte, and what, in the
 * upper two: two where both codes fit the 10 bits, so that most steps give two levels. An
 * entry needs lower ones as they were, so the order is downwards.
 */
export function pairLiterals(table: usize): void {
  for (let i: i32 = TABLE_SIZE - 1; i >= 0; i--) {
    const at = table + ((<usize>i) << 2);
    const entry = load<u32>(at);
    const length = entry & 255;
    if (length === 0 || entry >> 16 >= END_OF_BLOCK) continue;
    const second = load<u32>(table + ((<usize>(<u32>i >> length)) << 2));
    const both = length + (second & 255);
    const isPair = (second & 255) !== 0 && second >> 16 < END_OF_BLOCK && both <= TABLE_BITS;
    const literal = entry & 0xff0000;
    store<u32>(
      at,
      isPair ? both | 0x200 | literal | ((second >> 16) << 24) : length | 0x100 | literal,
    );
  }
}
