import { encodeHeader, padding, type TarHeading, tarEnd } from '../../lib/tarHeader.ts'

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
