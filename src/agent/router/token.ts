/** Thrown for text that could change the meaning of HAProxy's configuration or commands. */
export class Unsafe extends Error {
  override readonly name = 'Unsafe'
}

const safeToken = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/
const safeAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/

const checked = (text: string, pattern: RegExp, kind: string): string => {
  if (!pattern.test(text)) throw new Unsafe(`not a ${kind}: ${JSON.stringify(text)}`)
  return text
}

/** A name of a backend, a server or a host: one word without any meaning to HAProxy. */
export const token = (text: string) => checked(text, safeToken, 'name')

export const ipAddress = (text: string) => checked(text, safeAddress, 'address')

export function portNumber(port: number): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Unsafe(`not a port: ${port}`)
  return String(port)
}

export const bindAddress = (text: string) =>
  checked(text, /^[A-Za-z0-9*.:[\]]+:\d{1,5}(?: v6only)?$/, 'listening address')

/** Any one line of text, in the quotes inside which HAProxy expands nothing. */
export const quoted = (text: string) => `'${checked(text, /^[^\p{Cc}']*$/u, 'line of text without quotes')}'`

/** A path as HAProxy's commands take it: they know no quotes. */
export const path = (text: string) => checked(text, /^[A-Za-z0-9._/@+-]+$/, 'plain path')

export const isSafe = (text: string) => safeToken.test(text)
