import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lasted, relative } from './time.ts'

const now = Date.parse('2030-01-02T00:00:00Z')
const says = (iso: string, text: string) => test(`${iso} is ${text}`, () => assert.equal(relative(iso, now), text))

says('2030-01-02T00:00:00Z', 'just now')
says('2030-01-01T23:59:59Z', '1 second ago')
says('2030-01-01T23:57:00Z', '3 minutes ago')
says('2030-01-01T22:59:00Z', '1 hour ago')
says('2029-12-01T00:00:00Z', '32 days ago')
says('2030-01-04T00:00:00Z', 'in 2 days')

const took = (ms: number, text: string) => test(`${ms} ms is ${text}`, () => assert.equal(lasted(ms), text))

took(420, '0.4 s')
took(12_400, '12 s')
took(185_000, '3 min 5 s')
