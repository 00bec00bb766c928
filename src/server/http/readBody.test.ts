import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { bytesOf, withinTime } from './readBody.ts'

test('who never sends the rest is hung up on', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const closed = once(socket, 'close')
  socket.on('error', () => undefined)
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nab')
  const [request] = (await once(server, 'request')) as [IncomingMessage]
  await assert.rejects(
    withinTime(request, 20, () => bytesOf(request)),
    { code: 'UNAVAILABLE', message: /did not come within/ },
  )
  await closed
  server.close()
})
