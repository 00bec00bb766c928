import { basePath } from '../../contract/endpoint.ts'
import { refuse } from '../../model/refusal.ts'
import type { Route } from './handle.ts'

export type Match = { readonly route: Route; readonly params: Readonly<Record<string, string>> }
export type Router = (method: string, path: string) => Match

/** Finds the route of a path; a word in a pattern goes before a parameter. */
export function routerOf(routes: readonly Route[]): Router {
  const patterns = routes
    .map((route) => ({ route, parts: `${basePath}${route.endpoint.path}`.split('/') }))
    .sort((a, b) => parameters(a.parts) - parameters(b.parts))
  return (method, path) => {
    const parts = path.split('/')
    const found = patterns.find(({ route, parts: pattern }) => route.endpoint.method === method && fits(pattern, parts))
    if (!found) return refuse('NOT_FOUND', 'endpoint', `${method} ${path.slice(0, 200)}`)
    return { route: found.route, params: paramsOf(found.parts, parts) }
  }
}

const isParameter = (part: string) => part.startsWith(':')
const parameters = (pattern: readonly string[]) => pattern.filter(isParameter).length

const fits = (pattern: readonly string[], parts: readonly string[]) =>
  pattern.length === parts.length && pattern.every((part, at) => isParameter(part) || part === parts[at])

function paramsOf(pattern: readonly string[], parts: readonly string[]): Record<string, string> {
  const pairs = pattern.flatMap((part, at) => (isParameter(part) ? [[part.slice(1), decoded(parts[at] ?? '')]] : []))
  return Object.fromEntries(pairs)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return refuse('INVALID', 'path', 'is not well encoded')
  }
}
