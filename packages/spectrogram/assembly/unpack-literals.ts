// DEFLATE as `encodeGrid` writes it: dynamic and fixed codes of literals, no matches.
// Everything else, damage too, is for zlib to read or to refuse. RFC 1951, 3.2.
import {
  COUNTS,
  END_OF_BLOCK,
  fillTable,
  isComplete,
  LENGTHS,
  MAX_BITS,
  pairLiterals,
  SORTED,
  TABLE,
  TABLE_SIZE,
} from './literal-table';

/** Bits read and not yet taken, their number, where the next come from, and where all end. */
let bits: u64 = 0;
let held: u32 = 0;
let next: usize = 0;
let codeEnd: usize = 0;

/**
 * @param code `length` bytes, and 1,024 more that may be read.
 * @param scratch 5,120 bytes.
 * @param out uint8, `count` values; up to 16 more are overwritten.
 * @returns 1 where the code is `count` literals and ends with the last byte, else 0.
 */
export function unpackLiterals(
  code: usize,
  length: u32,
  scratch: usize,
  out: usize,
  count: u32,
): u32 {
  bits = 0;
  held = 0;
  next = code;
  codeEnd = code + length;
  const outEnd = out + count;
  let isLast = false;
  while (!isLast) {
    refill();
    isLast = take(1) === 1;
    const kind = take(2);
    if (kind === 2) {
      if (!readLengths(scratch)) return 0;
    } else if (kind === 1) {
      if (!fixedLengths(scratch)) return 0;
    } else return 0;
    pairLiterals(scratch + TABLE);
    out = literals(scratch, out, outEnd);
    if (out === 0) return 0;
  }
  const taken = next - (<usize>held >> 3);
  return out === outEnd && taken === codeEnd ? 1 : 0;
}

/** At least 56 bits are held then. */
function refill(): void {
  bits |= load<u64>(next) << (<u64>held);
  next += (63 - held) >> 3;
  held |= 56;
}

function take(n: u32): u32 {
  const value = <u32>bits & ((1 << n) - 1);
  bits >>= <u64>n;
  held -= n;
  return value;
}

/** Order in which the lengths of the lengths' own code are sent, 5 bits each. */
function nthLength(i: u32): u32 {
  if (i < 3) return 16 + i;
  if (i === 3) return 0;
  const step = (i - 3) >> 1;
  return i & 1 ? 8 - step : 8 + step;
}

/** The code of a dynamic block; false where it is none that zlib's compressor writes. */
function readLengths(scratch: usize): bool {
  const nLiteral = take(5) + 257;
  const nDistance = take(5) + 1;
  const nLength = take(4) + 4;
  if (nLiteral > 286 || nDistance > 30) return false;
  const lengths = scratch + LENGTHS;
  memory.fill(lengths, 0, 19);
  for (let i: u32 = 0; i < nLength; i++) {
    refill();
    store<u8>(lengths + nthLength(i), <u8>take(3));
  }
  if (!fillTable(scratch, 19)) return false;
  const n = nLiteral + nDistance;
  let i: u32 = 0;
  while (i < n) {
    refill();
    const entry = load<u32>(scratch + TABLE + ((<u32>bits & (TABLE_SIZE - 1)) << 2));
    take(entry & 255);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + i++, <u8>symbol);
      continue;
    }
    if (symbol === 16 && i === 0) return false;
    const repeated: u8 = symbol === 16 ? load<u8>(lengths + i - 1) : 0;
    const times = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
    if (i + times > n) return false;
    memory.fill(lengths + i, repeated, times);
    i += times;
  }
  if (load<u8>(lengths + END_OF_BLOCK) === 0) return false;
  return isComplete(lengths + nLiteral, nDistance) && fillTable(scratch, nLiteral);
}

function fixedLengths(scratch: usize): bool {
  const lengths = scratch + LENGTHS;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  return fillTable(scratch, 288);
}

/** The literals of one block; returns where they end, 0 where it holds anything else. */
function literals(scratch: usize, out: usize, outEnd: usize): usize {
  const table = scratch + TABLE;
  while (true) {
    refill();
    if (next > codeEnd + 8 || out > outEnd) return 0;
    // Five steps take at most 50 of the 56 bits.
    let buffer = bits;
    let taken: u32 = 0;
    let n: u32 = 0;
    for (let step = 0; step < 5; step++) {
      const entry = load<u32>(table + ((<u32>buffer & (TABLE_SIZE - 1)) << 2));
      n = (entry >> 8) & 255;
      if (n === 0) break;
      store<u16>(out, <u16>(entry >> 16));
      out += n;
      buffer >>= <u64>entry; // By its low six bits.
      taken += entry & 63;
    }
    bits = buffer;
    held -= taken;
    if (n !== 0) continue;
    refill();
    const symbol = longSymbol(scratch);
    if (symbol === END_OF_BLOCK) return out;
    if (symbol > END_OF_BLOCK) return 0;
    store<u8>(out++, <u8>symbol);
  }
}

/** Bit by bit: for the end of a block and for rare literals. */
function longSymbol(scratch: usize): u32 {
  let code: u32 = 0;
  let first: u32 = 0;
  let index: u32 = 0;
  for (let length: u32 = 1; length <= MAX_BITS; length++) {
    code |= take(1);
    const count = <u32>load<u16>(scratch + COUNTS + (length << 1));
    if (code < first + count) {
      return load<u16>(scratch + SORTED + ((<usize>(index + code - first)) << 1));
    }
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return END_OF_BLOCK + 1;
}
