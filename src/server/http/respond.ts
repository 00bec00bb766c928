import type { ServerResponse } from 'node:http'

/** Answers are data for programs: never framed, guessed, kept or executed. */
export const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

export function sendJson(response: ServerResponse, status: number, value: unknown, more: Record<string, string> = {}) {
  response.writeHead(status, { ...headers, ...more, 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify(value)}\n`)
}
