import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiAs, tinyTar } from '../../../test/harness/api.ts'
import { basePath } from '../../contract/endpoint.ts'
import { endOperation, enterPhase, operationById } from '../store/operations.ts'

const { api, token, ask, get, codeOf, stop } = await apiAs('member')
after(stop)

test('operations are waited for, followed, and cancelled exactly', async () => {
  const { name } = await api.app()
  const { json: operation } = await ask('POST', `/apps/${name}/restart`, { body: {} })
  const waiting = get(`/operations/${operation.id}?wait=30`)
  const following = ask('GET', `/operations/${operation.id}/log?follow=true`)
  const row = await api.store.read((tx) => operationById(tx, operation.id))
  assert.ok(row)
  await api.store.write('operations', (tx) => enterPhase(tx, row, 'gating'))
  await api.operationLogs.append(operation.id, '-----> Starting')
  const cancelled = await ask('POST', `/operations/${operation.id}/cancel`, { body: {} })
  assert.equal(cancelled.json.cancelledBy, 'max')
  await api.store.write('operations', (tx) => endOperation(tx, operation.id, 'cancelled'))
  await api.operationLogs.append(operation.id, ' !     cancelled')
  await api.operationLogs.finish(operation.id)
  assert.equal((await waiting).state, 'cancelled')
  const lines = (await following).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).text)
  assert.deepEqual(lines, ['-----> Starting', ' !     cancelled'])
  assert.equal(await codeOf(ask('POST', `/operations/${operation.id}/cancel`, { body: {} })), 'STATE')
})

test('following an operation that never started ends when it is superseded', async () => {
  const { name } = await api.app()
  const upload = () =>
    ask('POST', `/apps/${name}/deploys`, { raw: tinyTar(), headers: { 'content-type': 'application/x-tar' } })
  const { json: first } = await upload()
  const following = ask('GET', `/operations/${first.id}/log?follow=true`)
  await upload()
  assert.equal((await following).text, '')
  assert.equal((await get(`/operations/${first.id}`)).error.code, 'SUPERSEDED')
})

test('lists of operations and releases go on with before', async () => {
  const { name } = await api.app()
  for (let n = 0; n < 3; n++) await ask('POST', `/apps/${name}/restart`, { body: {} })
  const all = (await get(`/apps/${name}/operations`)).map(({ id }: Row) => id)
  assert.equal(all.length, 4)
  const rest = (await get(`/apps/${name}/operations?limit=2&before=${all[1]}`)).map(({ id }: Row) => id)
  assert.deepEqual(rest, all.slice(2))
  assert.equal((await get(`/apps/${name}/operations?kind=deploy`)).length, 1)
  assert.deepEqual(
    (await get(`/apps/${name}/releases?before=2`)).map(({ number }: Row) => number),
    [1],
  )
})

test('logs come as lines, filtered, and follow what is written', async () => {
  const { name } = await api.app()
  const line = (process: string, text: string, second: number) => ({
    app: name,
    process,
    release: 2,
    instance: `${process}1`,
    at: `2026-01-01T00:00:0${second}.000000000Z`,
    stream: 'out' as const,
    text,
  })
  await api.appLogs.append([line('web', 'one', 1), line('worker', 'two', 2)])
  const texts = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).text)
  assert.deepEqual(texts((await ask('GET', `/apps/${name}/logs`)).text), ['one', 'two'])
  assert.deepEqual(texts((await ask('GET', `/apps/${name}/logs?process=worker`)).text), ['two'])
  assert.deepEqual(texts((await ask('GET', `/apps/${name}/logs?lines=1`)).text), ['two'])
  const following = await fetch(`${api.url}${basePath}/apps/${name}/logs?follow=true&lines=1`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const reader = following.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.equal(JSON.parse((await reader?.read())?.value ?? '').text, 'two')
  await api.appLogs.append([line('web', 'three', 3)])
  assert.equal(JSON.parse((await reader?.read())?.value ?? '').text, 'three')
  await reader?.cancel()
})

type Row = Record<string, unknown>
