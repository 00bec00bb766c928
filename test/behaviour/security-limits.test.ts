import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startApi } from '../harness/api.ts'
import { gitPlace } from '../harness/gitFront.ts'
import { until } from '../harness/wait.ts'

/** A request whose body never comes to its end; gives what is answered, if anything is. */
async function hanging(port: number, head: readonly string[]): Promise<{ socket: Socket; answer: () => string }> {
  let text = ''
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  await once(socket, 'connect')
  socket.write(`${[...head, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n2\r\n00\r\n`)
  return { socket, answer: () => text }
}

const refusedIn = (open: readonly { answer: () => string }[]) =>
  open.filter(({ answer }) => answer().startsWith('HTTP/1.1 503')).length

test('one user’s slow pushes leave room for those of others', async () => {
  await using place = await gitPlace({ limits: { maxProcesses: 8 } })
  const [ada, eve] = [await place.person('ada', 'writers'), await place.person('eve', 'others')]
  await place.app('blog', 'writers')
  await place.app('shop', 'others')
  const basic = Buffer.from(`git:${eve.token}`).toString('base64')
  const head = [
    'POST /git/shop.git/git-receive-pack HTTP/1.1',
    'Host: x',
    `Authorization: Basic ${basic}`,
    'Content-Type: application/x-git-receive-pack-request',
  ]
  const open = await Promise.all(Array.from({ length: 10 }, () => hanging(place.httpPort, head)))
  await until('eight are refused', () => refusedIn(open) === 8)
  const listed = await place.git(place.dir, ['ls-remote', place.httpUrl('blog', ada.token)], ada)
  assert.equal(listed.code, 0, listed.stderr)
  assert.equal(refusedIn(open), 8)
  for (const { socket } of open) socket.destroy()
})

test('one user’s slow uploads leave room for those of others, and few of them fill the disk at once', async () => {
  await using api = await startApi()
  const { name } = await api.app()
  const token = await api.token('member')
  const head = [
    `POST /api/v1/apps/${name}/deploys HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/x-tar',
  ]
  const port = Number(new URL(api.url).port)
  const open = await Promise.all(Array.from({ length: 6 }, () => hanging(port, head)))
  await until('two are refused', () => refusedIn(open) === 2)
  for (const { socket } of open) socket.destroy()
  await sleep(200)
})
