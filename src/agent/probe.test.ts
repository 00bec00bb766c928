import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { probe, type Target } from './probe.ts'

const answer = (status: number) => (socket: Socket) => socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`)

test('any answer below 500 passes', () => expectProbe(answer(404), {}, ''))
test('500 does not', () => expectProbe(answer(500), {}, 'HTTP 500 from GET /'))
test('an error page is quoted without its markup', () =>
  expectProbe(
    (socket) =>
      socket.end('HTTP/1.1 500 X\r\n\r\n<title>Oh</title><style>p{color:red}</style>\n<p>No \x1b[31mdatabase</p>'),
    {},
    'HTTP 500 from GET /: Oh No database',
  ))
test('a declared path wants success', () =>
  expectProbe(answer(404), { path: '/up', declared: true }, 'HTTP 404 from GET /up'))
test('a redirect is a success, and not followed', () => expectProbe(answer(302), { path: '/up', declared: true }, ''))
test('silence', () => expectProbe(() => undefined, { timeoutMs: 250 }, 'no answer to GET / in 0.25 s'))
test('a connection closed', () => expectProbe((socket) => socket.end(), {}, 'connection closed without an answer'))
test('another protocol', () =>
  expectProbe((socket) => socket.end('220 mail.example.com ESMTP\r\n'), {}, 'the answer is not HTTP/1'))
test('an answer in many pieces', () =>
  expectProbe((socket) => void inPieces(socket, 'HTTP/1.1 200 OK\r\n\r\n'), {}, ''))

test('nobody listens', async () => {
  const result = await probe({ ...target, port: neverUsed }, new AbortController().signal)
  assert.match(result.passed ? '' : result.reason, /^connection refused on port \d+ \(is the app listening on \$PORT/)
})

test('the request names the host, and a path cannot add lines to it', async () => {
  let request = ''
  await expectProbe(
    (socket) => {
      socket.on('data', (text) => {
        request += text
        answer(200)(socket)
      })
    },
    { path: '/a b\r\nEvil: yes', host: 'blog.test' },
    '',
  )
  const [first, host] = request.split('\r\n')
  assert.equal(first, 'GET /a%20b%0D%0AEvil:%20yes HTTP/1.1')
  assert.equal(host, 'Host: blog.test')
})

/** Below those that any test, or the kernel, gives out. */
const neverUsed = 1

const target: Target = {
  address: '127.0.0.1',
  port: 0,
  host: 'blog.test',
  path: '/',
  declared: false,
  timeoutMs: 2_000,
}

async function expectProbe(serve: (socket: Socket) => void, more: Partial<Target>, reason: string) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.resume()
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const result = await probe({ ...target, ...more, port }, new AbortController().signal)
  server.close()
  assert.equal(result.passed ? '' : result.reason, reason)
}

async function inPieces(socket: Socket, text: string) {
  for (const character of text) {
    socket.write(character)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  socket.end()
}
