import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '../engine/api.ts'
import { refuseLostDatabase } from './lostDatabase.ts'

const service = { id: 's1', name: 'berth-blog-web-v1-abc', labels: {} }
type Services = Parameters<typeof refuseLostDatabase>[1]['services']

const check = (path: string, list: Services['list']) =>
  refuseLostDatabase({ cluster: 'berth', db: { path, key: '' } as never }, { services: { list } as Services })

test('a first start with nothing running', () => check('/nonexistent/db', async () => []))

test('a database that is there is not asked about', () =>
  check('/etc/hostname', () => assert.fail('nobody needs the Engine for that')))

test('apps that run without a database are left alone', async () => {
  await assert.rejects(
    check('/nonexistent/db', async () => [service, service]),
    /the database \/nonexistent\/db is not available: it is gone, and 2 services of it run.*label=berth\.cluster=berth\)/,
  )
})

test('without the Engine nobody can tell', async () => {
  const away = () => Promise.reject(new EngineError(503, 'no swarm'))
  await assert.rejects(check('/nonexistent/db', away), { code: 'UNAVAILABLE' })
})
