import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { basePath, type Endpoint } from '../src/contract/endpoint.ts'
import { endpoints } from '../src/contract/endpoints.ts'

const head = `# The API

Printed from the contract (\`src/contract\`) by \`node tools/apiDocs.ts\`; do not edit. The same as OpenAPI 3.1:
\`GET /api/openapi.json\`.

* All paths stand below \`${basePath}\`, at \`http://berth.<domain>\` or on the API's loopback port.
* Credentials are a token: \`Authorization: Bearer <token>\`, or basic authentication with any user name and the token as
  the password. Make one with \`berth token create\` or \`POST ${basePath}/sessions\`.
* Bodies are JSON (\`content-type: application/json\`), at most 1 MiB; unknown keys, keys given twice and \`__proto__\` are refused.
* A refusal is \`{"error": {"code", "message"}}\` with a status of 400 or more; all codes are in [errors.md](errors.md).
* *Lines*: the answer is one JSON value per line (\`application/x-ndjson\`). Empty lines only keep the connection awake; a
  line \`{"error": …}\` is the last one, and says what went wrong on the way.
* Long work is an *operation*: the answer comes at once, \`GET /operations/:operation?wait=60\` waits for its end, and
  \`GET /operations/:operation/log?follow=true\` tells of it meanwhile.
* Lists come newest first where they grow, with \`limit\` and \`before\` (the last one of the page before).
`

/** docs/api.md. */
export function apiMarkdown(): string {
  const byNoun = Map.groupBy(Object.entries<Endpoint>(endpoints), ([, { path }]) => nounOf(path))
  const sections = [...byNoun].map(([noun, all]) => `## ${noun}\n\n${all.map(section).join('\n')}`)
  return [head, ...sections].join('\n')
}

const nounOf = (path: string) => {
  const [, first = '', , second] = path.split('/')
  return second && first === 'apps' ? `${first}: ${second}` : first
}

const rights: Readonly<Record<string, string>> = {
  anyone: 'anyone',
  'signed-in': 'whoever is signed in',
  signature: 'whoever can sign it',
}

function section([name, endpoint]: [string, Endpoint]): string {
  const { method, path, summary, access, params, query, body, returns, carries } = endpoint
  const parts = [
    `### ${name}\n\n\`${method} ${path}\``,
    `${summary}. For ${rights[access] ?? `whoever may \`${access}\``}.`,
    fields('Path', params),
    fields('Query', query),
    bodies[carries] ?? fields('Body', body),
    answerOf(carries, returns),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const bodies: Partial<Record<Endpoint['carries'], string>> = {
  upload:
    'Body: a file, as `application/x-tar`, `application/gzip`, `application/zip`, or a part of one as `application/octet-stream`.',
  event: 'Body: JSON as the provider of the repository sends it, at most 25 MiB.',
}

function answerOf(carries: Endpoint['carries'], returns: z.ZodType): string {
  const shape = `\`${typeText(schemaOf(returns, 'output'))}\``
  if (carries === 'image') return 'Answer: a tar file (`application/x-tar`); `x-berth-image-bytes` is about its size.'
  if (carries === 'lines') return `Lines: ${shape}`
  return carries === 'socket' ? `A WebSocket; the last text frame: ${shape}` : `Answer: ${shape}`
}

type Schema = {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | false
  readonly description?: string
  readonly default?: unknown
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => z.toJSONSchema(schema, { io }) as Schema

function fields(title: string, schema: z.ZodType): string {
  const { properties = {}, required = [], additionalProperties } = schemaOf(schema, 'input')
  if (additionalProperties) return `${title}: \`${typeText({ type: 'object', additionalProperties })}\``
  const lines = Object.entries(properties).map(([name, field]) => fieldLine(name, field, required.includes(name)))
  return lines.length === 0 ? '' : `${title}:\n\n${lines.join('\n')}`
}

function fieldLine(name: string, field: Schema, required: boolean): string {
  const fallback = field.default === undefined ? 'optional' : `default \`${JSON.stringify(field.default)}\``
  const notes = [...(required ? [] : [fallback]), ...(field.description ? [field.description] : [])]
  return `* \`${name}\`: \`${typeText(field)}\`${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
}

function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' | ')
  if (schema.type === 'array') return `[${typeText(schema.items ?? {})}]`
  if (schema.type === 'object') return objectText(schema)
  return schema.type ?? 'any'
}

function objectText({ properties = {}, required = [], additionalProperties }: Schema): string {
  const known = Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(field)}`,
  )
  const others = additionalProperties ? [`<name>: ${typeText(additionalProperties)}`] : []
  return `{${[...known, ...others].join(', ')}}`
}

if (import.meta.main) writeFileSync('docs/api.md', apiMarkdown())
