import type { z } from 'zod'
import { refuse } from '../../model/refusal.ts'

/** The value as the schema types it; what does not fit is INVALID with the path and the reason. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, whole: string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (!issue) return refuse('INVALID', whole, 'cannot be read')
  return refuse('INVALID', pathOf(issue, whole), reasonOf(issue))
}

/** A query string in which no name stands twice. */
export function queryOf(search: URLSearchParams): Record<string, string> {
  const names = [...search.keys()]
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) refuse('INVALID', shown(twice), 'is given twice')
  return Object.fromEntries(search)
}

type Issue = z.core.$ZodIssue

function pathOf(issue: Issue, whole: string): string {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  return [...issue.path, ...keys].map((part) => shown(String(part))).join('.') || whole
}

/** A name from outside, short and on one line. */
const shown = (name: string) => (/^[\w-]{1,60}$/.test(name) ? name : JSON.stringify(name.slice(0, 60)))

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

function reasonOf(issue: Issue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return 'is not known here'
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is no name that can be used'
    case 'invalid_type':
      return typeReason(issue)
    default:
      return issue.message
  }
}

function typeReason({ message, expected }: z.core.$ZodIssueInvalidType): string {
  if (!message.startsWith('Invalid input')) return message
  const kind = kinds[expected] ?? expected
  return message.endsWith('undefined') ? `is missing; it must be ${kind}` : `must be ${kind}`
}
