import type { Endpoint } from '../contract/endpoint.ts'
import { type Code, Refusal, refusal, refusals } from '../model/refusal.ts'
import type { Output } from './input.ts'

/** What the server refused, as the refusal it was; what is no answer of Berth, as UNAVAILABLE. */
export async function refusalOf(url: URL, response: Response): Promise<Refusal> {
  const text = await response.text().catch(() => '')
  return refusalIn(jsonOf(text)) ?? notBerth(url, `it answered ${response.status} ${response.statusText}`.trim())
}

export function refusalIn(value: unknown): Refusal | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined
  const error = value.error
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return undefined
  return new Refusal(isCode(error.code) ? error.code : 'UNEXPECTED', String(error.message))
}

export const notBerth = (url: URL, reason: string) => refusal('UNAVAILABLE', `the server at ${url.origin}`, reason)

/** The value as the contract types it, or the refusal that says where it is not. */
export function checked<E extends Endpoint>(url: URL, endpoint: E, value: unknown): Output<E> {
  const result = endpoint.returns.safeParse(value)
  if (result.success) return result.data as Output<E>
  const [issue] = result.error.issues
  const where = issue?.path.join('.') || 'its answer'
  throw notBerth(url, `it speaks another version than this client (${where}: ${issue?.message})`)
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isCode = (code: unknown): code is Code => typeof code === 'string' && Object.hasOwn(refusals, code)
