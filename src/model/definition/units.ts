import { isScalar } from 'yaml'
import { failAt } from './place.ts'
import { fail, reader } from './read.ts'

const durations: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const sizes: Record<string, number> = { m: 1, mb: 1, mib: 1, g: 1024, gb: 1024, gib: 1024 }

/** `30s`, `500ms`, `2m`, or a bare number of seconds; gives milliseconds. */
export const duration = (leastMs: number, mostMs: number) =>
  reader(durationSchema(leastMs, mostMs), (place, node): number => {
    const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(isScalar(node) ? String(node.value) : '')
    const value = match ? Math.round(Number(match[1]) * (durations[match[2] ?? 's'] ?? 0)) : Number.NaN
    if (Number.isNaN(value)) fail(place, node, 'must be a time, like 30s, 500ms or 2m')
    const fits = value >= leastMs && value <= mostMs
    return fits ? value : fail(place, node, `must be between ${leastMs / 1000} s and ${mostMs / 1000} s`)
  })

const durationSchema = (leastMs: number, mostMs: number) => ({
  anyOf: [
    { type: 'number', minimum: leastMs / 1000, maximum: mostMs / 1000 },
    { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*(ms|s|m|h)?$' },
  ],
})

const memorySchema = {
  anyOf: [
    { type: 'number', minimum: 16, maximum: 1_048_576 },
    { type: 'string', pattern: '^\\d+(\\.\\d+)?\\s*([mMgG]([iI]?[bB])?)?$' },
  ],
}

/** `512M`, `2G`, or a bare number of megabytes; gives megabytes. */
export const memory = reader(memorySchema, (place, node): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(isScalar(node) ? String(node.value) : '')
  const unit = sizes[(match?.[2] || 'm').toLowerCase()]
  if (!match || !unit) return fail(place, node, 'must be a size, like 512M or 2G')
  const value = Math.round(Number(match[1]) * unit)
  const fits = value >= 16 && value <= 1_048_576
  return fits ? value : failAt(place, node.range?.[0] ?? 0, 'must be between 16M and 1024G')
})
