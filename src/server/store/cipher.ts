import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { refuse } from '../../model/refusal.ts'

export type Cipher = { seal(plain: string): string; open(sealed: string): string }

/** AES-256-GCM with a key that only root can read, made when there is no database yet; `v1.` leads so that a later scheme can tell old values. */
export function cipherAt(keyPath: string, { mayCreate }: { mayCreate: boolean }): Cipher {
  const key = readOrMakeKey(keyPath, mayCreate)
  return {
    seal(plain) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `v1.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.replace(/^v1\./, ''), 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}

function readOrMakeKey(path: string, mayCreate: boolean): Buffer {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path) && mayCreate) makeKey(path)
  if (!existsSync(path))
    refuse('UNAVAILABLE', `the key file ${path}`, 'it is gone, and the database needs it: restore it')
  const key = readFileSync(path)
  if (key.length !== 32) refuse('UNAVAILABLE', `the key file ${path}`, 'it must hold exactly 32 bytes')
  return key
}

function makeKey(path: string) {
  writeFileSync(`${path}.next`, randomBytes(32), { mode: 0o600, flush: true })
  renameSync(`${path}.next`, path)
}
