import { encodeHeader, padding, type TarHeading, tarEnd } from '../../lib/tarHeader.ts'
import type { Source } from './source.ts'
import { readTar } from './tar.ts'
import { Tree } from './tree.ts'

/** For tests: members of a tar file, hostile ones included; content only where given. */
export type TestMember = Partial<TarHeading> & { readonly path: string; readonly content?: string }

export function tarOf(members: readonly TestMember[]): Buffer {
  return Buffer.concat([...members.flatMap(blocksOf), tarEnd])
}

function blocksOf({ content = '', ...heading }: TestMember): Buffer[] {
  const bytes = Buffer.from(content)
  const header = encodeHeader({ type: '0', mode: 0o644, size: bytes.length, ...heading })
  return [header, bytes, padding(bytes.length)]
}

/** For tests: a source in memory. */
export async function sourceOf(files: Readonly<Record<string, string>>): Promise<Source> {
  const tar = tarOf(Object.entries(files).map(([path, content]) => ({ path, content })))
  const bytes = { read: async (offset: number, length: number) => tar.subarray(offset, offset + length) }
  const tree = new Tree()
  for await (const member of readTar(bytes)) tree.add(member)
  return { tree, bytes, close: async () => undefined }
}
