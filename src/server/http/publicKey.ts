import { parseSshKey, type SshKey } from '../../lib/sshKey.ts'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'

/** A public key as people paste it; a private one gets its own warning, for it is no longer a secret. */
export function publicKey(raw: string): SshKey {
  const text = raw.trim()
  if (/PRIVATE KEY/.test(text)) {
    refuse(
      'INVALID',
      'key',
      'this is a private key: give the .pub file, and make a new pair, for this one was sent out',
    )
  }
  if (/[\r\n]/.test(text)) refuse('INVALID', 'key', 'must be one line, as in a .pub file')
  const key = parseSshKey(text)
  return key ?? refuse('INVALID', 'key', 'must be "type base64 comment", as in a .pub file, with no options before it')
}

/** What of a comment may be a name: nothing that steers a terminal, at most 80 characters. */
export const nameFrom = ({ comment, fingerprint }: SshKey): string =>
  printable(comment).replace(/\p{C}/gu, '').trim().slice(0, 80).trim() || fingerprint
