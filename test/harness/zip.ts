import { crc32, deflateRawSync } from 'node:zlib'

export type ZipPart = {
  readonly name: string
  readonly content?: Buffer
  readonly mode?: number
  readonly method?: number
  readonly flags?: number
  /** What its directory says, if not the truth. */
  readonly says?: { readonly size?: number; readonly crc?: number }
}

/** A zip file as it should be, or not. */
export function zip(parts: readonly ZipPart[]): Buffer<ArrayBuffer> {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, content = Buffer.alloc(0), mode = 0o100644, method = 8, flags = 0, says } of parts) {
    const packed = method === 8 ? deflateRawSync(content) : content
    const [crc, size] = [says?.crc ?? crc32(content), says?.size ?? content.length]
    const file = Buffer.from(name)
    const local = Buffer.alloc(30)
    local.write('PK\x03\x04', 'latin1')
    local.writeUInt16LE(file.length, 26)
    const entry = Buffer.alloc(46)
    entry.write('PK\x01\x02', 'latin1')
    entry[5] = 3
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(crc, 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(size, 24)
    entry.writeUInt16LE(file.length, 28)
    entry.writeUInt32LE((mode << 16) >>> 0, 38)
    entry.writeUInt32LE(at, 42)
    locals.push(local, file, packed)
    central.push(entry, file)
    at += local.length + file.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, directory, end])
}
