import { z } from 'zod'
import { basePath, type Endpoint } from '../../contract/endpoint.ts'
import { endpoints } from '../../contract/endpoints.ts'
import { statusOf } from './respondWithError.ts'

type Schema = Record<string, unknown>

/** The contract as OpenAPI 3.1. */
export function openapi(version: string) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = `${basePath}${endpoint.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Berth', version, description: 'The API of a Berth installation.' },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema },
    },
  }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { enum: Object.keys(statusOf) }, message: { type: 'string' } },
    },
  },
}

const answers = {
  json: 'application/json',
  upload: 'application/json',
  event: 'application/json',
  lines: 'application/x-ndjson',
  image: 'application/x-tar',
} as const

function operation(name: string, endpoint: Endpoint) {
  const body = bodyOf(endpoint)
  return {
    operationId: name,
    tags: [endpoint.path.split('/')[1] ?? ''],
    summary: endpoint.summary,
    'x-berth-access': endpoint.access,
    ...((endpoint.access === 'anyone' || endpoint.access === 'signature') && { security: [] }),
    parameters: [...parameters('path', endpoint.params), ...parameters('query', endpoint.query)],
    ...(body && { requestBody: body }),
    responses: {
      ...answerOf(endpoint),
      default: { description: 'A refusal', content: { 'application/json': { schema: reference('Error') } } },
    },
  }
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function answerOf({ carries, returns }: Endpoint) {
  if (carries === 'socket') return { 101: { description: 'A WebSocket' } }
  const content = { [answers[carries]]: { schema: schemaOf(returns, 'output') } }
  return { 200: { description: carries === 'lines' ? 'One such value per line' : 'Done', content } }
}

function bodyOf({ carries, method, body }: Endpoint) {
  if (carries === 'upload') {
    const schema = { type: 'string', format: 'binary' }
    return {
      required: true,
      content: { 'application/x-tar': { schema }, 'application/gzip': { schema }, 'application/zip': { schema } },
    }
  }
  if (carries === 'event') return { required: true, content: { 'application/json': { schema: { type: 'object' } } } }
  const schema = schemaOf(body, 'input')
  const empty = Object.keys((schema.properties as object | undefined) ?? {}).length === 0 && !schema.propertyNames
  if (method === 'GET' || empty) return undefined
  return { required: true, content: { 'application/json': { schema } } }
}

function parameters(place: 'path' | 'query', fields: z.ZodType) {
  const { properties = {}, required = [] } = schemaOf(fields, 'input') as {
    properties?: Record<string, Schema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Schema
  return rest
}
