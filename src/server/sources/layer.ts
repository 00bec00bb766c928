import { checksum, padded } from '../../lib/tarHeader.ts'
import { refuse } from '../../model/refusal.ts'

/** What the layers of one image may come to; gets less with each. */
type Budget = { bytes: number; files: number }

/** What the Engine takes for packed, even if it is a tar file: bzip2, xz, zstd and the frames that zstd skips. */
const packed = /^(425a68|fd377a58|28b52ffd|5[0-9a-f]2a4d18)/
const block = 512
const mostExtended = 1_048_576

/** What the headers say that wait for the member they tell of. */
type Said = { readonly kinds: string; readonly size?: number | undefined }
const nothing: Said = { kinds: '' }

/**
 * Reads a layer as the Engine will, and refuses what the two could read differently. No file of it is larger than what is
 * there of it: of sparse ones, the Engine writes as many zeros as they say. Throws SOURCE, TOO_LARGE.
 */
export async function checkLayer(content: AsyncIterable<Buffer>, budget: Budget): Promise<void> {
  const input = content[Symbol.asyncIterator]()
  const pieces = new Pieces(input, budget)
  try {
    let header = await pieces.take(block)
    if (packed.test(header.toString('hex', 0, 6))) refuseUnseen()
    for (let said = nothing; header.some((byte) => byte !== 0); header = await pieces.take(block))
      said = await pastEntry(header, said, pieces, budget)
    await pieces.drain()
  } finally {
    await input.return?.()
  }
}

const refuseUnseen = (): never =>
  refuse('SOURCE', 'its layers are packed in a way that cannot be looked into; use "docker save"')

async function pastEntry(header: Buffer, said: Said, pieces: Pieces, budget: Budget): Promise<Said> {
  const { type, size } = entryOf(header)
  if (type === 'S') refuseSparse()
  if ('xgLK'.includes(type)) return await extended(type, size, said, pieces)
  // Files, links, devices, folders and pipes.
  if (!'0123456'.includes(type)) refuse('SOURCE', 'one of its layers has files of an unknown kind')
  budget.files -= 1
  if (budget.files < 0) refuse('TOO_LARGE', 'the number of files in the image', 'a million')
  const length = said.size ?? size
  if (type !== '0' && length > 0) damaged()
  await pieces.skip(padded(length))
  return nothing
}

function entryOf(header: Buffer) {
  const digits = (at: number, length: number) => /^ *([0-7]*)[ \0]*$/.exec(header.toString('latin1', at, at + length))
  const size = digits(124, 12)?.[1] ?? damaged()
  if (header.toString('latin1', 257, 262) !== 'ustar') damaged()
  if (Number.parseInt(digits(148, 8)?.[1] || '0', 8) !== checksum(header)) damaged()
  return { type: String.fromCharCode(header[156] ?? 0), size: Number.parseInt(size || '0', 8) }
}

/** Of two before one member, the Engine forgets the first; and all of them before one for the whole file. */
async function extended(type: string, size: number, said: Said, pieces: Pieces): Promise<Said> {
  if (said.kinds.includes(type) || (type === 'g' && said.kinds !== '') || size > mostExtended) damaged()
  const content = (await pieces.take(padded(size))).subarray(0, size)
  if (type === 'L' || type === 'K') return { ...said, kinds: said.kinds + type }
  const length = sizeIn(content)
  return type === 'g' ? nothing : { kinds: said.kinds + type, size: length }
}

/** `<length> <key>=<value>\n`, where the length counts bytes and includes itself; values may be any bytes. */
function sizeIn(content: Buffer): number | undefined {
  let size: number | undefined
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at)
    const digits = content.toString('latin1', at, space)
    const end = at + Number(digits)
    if (space < 0 || !/^[1-9]\d{0,6}$/.test(digits) || end > content.length || content[end - 1] !== 0x0a) damaged()
    const record = content.toString('latin1', space + 1, end - 1)
    if (/^GNU\.sparse/i.test(record)) refuseSparse()
    if (record.startsWith('size=')) size = /^\d{1,15}$/.test(record.slice(5)) ? Number(record.slice(5)) : damaged()
    at = end
  }
  return size
}

const refuseSparse = (): never => refuse('SOURCE', 'one of its layers has sparse files; make the image without them')
const damaged = (): never => refuse('SOURCE', 'one of its layers is damaged')

/** In order, what comes in pieces, and never more than the budget. */
class Pieces {
  readonly #input: AsyncIterator<Buffer>
  readonly #budget: Budget
  #rest: Buffer = Buffer.alloc(0)

  constructor(input: AsyncIterator<Buffer>, budget: Budget) {
    this.#input = input
    this.#budget = budget
  }

  async take(length: number): Promise<Buffer> {
    while (this.#rest.length < length) {
      const piece = await this.#next()
      if (!piece) refuse('SOURCE', 'one of its layers ends too early, or is no tar file')
      this.#rest = Buffer.concat([this.#rest, piece])
    }
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }

  async skip(length: number): Promise<void> {
    if (length > this.#rest.length + this.#budget.bytes) tooLarge()
    let left = length
    for (; left > this.#rest.length; this.#rest = (await this.#next()) ?? damaged()) left -= this.#rest.length
    this.#rest = this.#rest.subarray(left)
  }

  /** What follows the end is unpacked too. */
  async drain(): Promise<void> {
    while (await this.#next());
  }

  async #next(): Promise<Buffer | undefined> {
    const { value, done } = await this.#input.next()
    if (done) return undefined
    this.#budget.bytes -= value.length
    return this.#budget.bytes < 0 ? tooLarge() : value
  }
}

const tooLarge = (): never => refuse('TOO_LARGE', 'the image', '8 GiB')
