import { createHash } from 'node:crypto'

export type SshKey = {
  readonly type: string
  /** The key itself in base64. */
  readonly blob: string
  readonly comment: string
  /** As OpenSSH prints it: SHA256:… */
  readonly fingerprint: string
}

const types = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
])

/** One line of an OpenSSH .pub file. Undefined for anything else, as options before the key or a private key. */
export function parseSshKey(line: string): SshKey | undefined {
  const found = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: ([^\n\r]*))?$/.exec(line.trim())
  const [, type = '', blob = '', comment = ''] = found ?? []
  const bytes = Buffer.from(blob, 'base64')
  if (!types.has(type) || embeddedType(bytes) !== type || bytes.toString('base64') !== blob) return undefined
  const digest = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')
  return { type, blob, comment: comment.trim(), fingerprint: `SHA256:${digest}` }
}

/** The blob begins with the length of its type, and its type. */
function embeddedType(bytes: Buffer): string | undefined {
  if (bytes.length < 32) return undefined
  const length = bytes.readUInt32BE(0)
  return length < 64 ? bytes.toString('latin1', 4, 4 + length) : undefined
}
