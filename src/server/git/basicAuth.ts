/** Name and password of a Basic header; the password may hold colons. */
export function basicAuth(header: string | undefined): { name: string; password: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header?.trim() ?? '')?.[1]
  if (!encoded) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const at = decoded.indexOf(':')
  return at < 0 ? undefined : { name: decoded.slice(0, at), password: decoded.slice(at + 1) }
}
