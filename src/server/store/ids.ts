import { randomBytes } from 'node:crypto'

const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A random word that is easy to read out; 12 characters are 59 bits. */
export const randomId = (length = 12) =>
  Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')

export const now = () => new Date().toISOString()
