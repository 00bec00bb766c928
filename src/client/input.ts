import type { z } from 'zod'
import type { Endpoint } from '../contract/endpoint.ts'

type Part<Name extends string, T> =
  Record<never, never> extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T }

/** In a query string all is text, so numbers and truth values may be given as they are. */
type Written<T> = { readonly [K in keyof T]: T[K] | number | boolean }

/** What a call of this endpoint needs; parts that may be empty may be left out. */
export type Input<E extends Endpoint> = Part<'params', Written<z.input<E['params']>>> &
  Part<'query', Written<z.input<E['query']>>> &
  Part<'body', z.input<E['body']>>

export type Output<E extends Endpoint> = z.output<E['returns']>

export type Values = {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** The address of one call; whatever stands in a value stays that value. */
export function addressOf(base: string, template: string, { params = {}, query = {} }: Values): URL {
  const path = template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const url = new URL(`${base.replace(/\/+$/, '')}${path}`)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}
