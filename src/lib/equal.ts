import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether two secrets are the same, in a time that tells nothing of either. */
export const equal = (a: string | Buffer, b: string | Buffer) => timingSafeEqual(digest(a), digest(b))

const digest = (value: string | Buffer) => createHash('sha256').update(value).digest()
