import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { output, start } from '../../src/lib/exec.ts'
import { freePort } from './haproxy.ts'
import { isSignedBy } from './sigV4.ts'
import { until } from './wait.ts'

const cache = join(tmpdir(), 'berth-test-cache')
const release = 's3rver@3.7.1'

export type TestS3 = Awaited<ReturnType<typeof startS3>>

/**
 * An S3-compatible server with the bucket `packages`. s3rver keeps the objects; in front of it signatures are checked and
 * uploads ended, which it cannot, and what goes wrong with a storage is made to.
 */
export async function startS3() {
  const dir = await mkdtemp(join(tmpdir(), 'berth-s3-'))
  const behind = await freePort()
  const secretFile = join(dir, 'secret')
  await mkdir(join(dir, 'objects'))
  await writeFile(secretFile, 'the-secret\n', { mode: 0o600 })
  const server = start(
    [
      process.execPath,
      await s3rver(),
      '-d',
      join(dir, 'objects'),
      '-a',
      '127.0.0.1',
      '-p',
      String(behind),
      '-s',
      '--configure-bucket',
      'packages',
    ],
    { stdio: 'ignore' },
  )
  const state = { full: false, cutAfter: 0, held: undefined as Promise<void> | undefined }
  const begun = new Set<string>()
  const aborted: string[] = []
  const parts: string[] = []

  async function serve(incoming: IncomingMessage, response: ServerResponse) {
    const url = new URL(incoming.url ?? '/', 'http://s3')
    const body = await buffer(incoming)
    const wrong = isSignedBy(incoming, body, { user: 'the-key', secret: 'the-secret' })
    if (wrong) return refuse(response, 403, wrong)
    const upload = url.searchParams.get('uploadId')
    if (incoming.method === 'DELETE' && upload) {
      aborted.push(upload)
      return void response.writeHead(204).end()
    }
    if (state.full && (incoming.method === 'PUT' || incoming.method === 'POST'))
      return refuse(response, 507, 'XMinioStorageFull')
    if (incoming.method === 'PUT' && upload) {
      parts.push(url.pathname)
      await state.held
    }
    forward(incoming, body, response)
  }

  function forward({ method, url, headers }: IncomingMessage, body: Buffer, response: ServerResponse) {
    const { authorization: _, ...rest } = headers
    const asked = request({ port: behind, host: '127.0.0.1', method, path: url, headers: rest }, (answer) => {
      const cut = state.cutAfter
      if (method === 'GET' && cut > 0 && Number(answer.headers['content-length']) > cut) {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        let sent = 0
        answer.on('data', (chunk: Buffer) => {
          sent += chunk.length
          if (sent <= cut) return void response.write(chunk)
          answer.destroy()
          response.destroy()
        })
        return
      }
      if (url?.includes('?uploads')) void noteUpload(answer)
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    asked.on('error', () => response.destroy())
    asked.end(body)
  }

  async function noteUpload(answer: IncomingMessage) {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => begun.add(/<UploadId>(\w+)</.exec(Buffer.concat(chunks).toString())?.[1] ?? ''))
  }

  const front = createServer((incoming, response) => void serve(incoming, response).catch(() => response.destroy()))
  front.listen(0, '127.0.0.1')
  const { port } = await until('the front', () => (front.address() as AddressInfo | null) ?? undefined)
  await until(
    's3rver',
    () =>
      fetch(`http://127.0.0.1:${behind}/`).then(
        () => true,
        () => false,
      ),
    60_000,
  )
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    state,
    begun,
    aborted,
    parts,
    /** Settings of a whole installation. */
    env: {
      BERTH_PACKAGE_STORAGE: 's3',
      BERTH_PACKAGE_S3_URL: url,
      BERTH_PACKAGE_S3_BUCKET: 'packages',
      BERTH_PACKAGE_USER: 'the-key',
      BERTH_PACKAGE_SECRET_FILE: secretFile,
    },
    place: { url, region: 'us-east-1', bucket: 'packages', user: 'the-key', secret: async () => 'the-secret' },
    /** Keys of all objects. */
    async keys(): Promise<string[]> {
      const text = await (await fetch(`http://127.0.0.1:${behind}/packages?list-type=2`)).text()
      return [...text.matchAll(/<Key>([^<]*)</g)].map(([, key = '']) => key)
    },
    async [Symbol.asyncDispose]() {
      front.close()
      front.closeAllConnections()
      server.kill('SIGKILL')
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function refuse(response: ServerResponse, status: number, code: string) {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`)
}

/** Installed once for all tests; from the npm registry, like what builds need. */
async function s3rver(): Promise<string> {
  const place = join(cache, release)
  const program = join(place, 'node_modules/s3rver/bin/s3rver.js')
  if (existsSync(program)) return program
  await mkdir(cache, { recursive: true })
  const next = await mkdtemp(`${place}-`)
  await writeFile(join(next, 'package.json'), '{"private": true}')
  await output(['npm', 'install', '--silent', '--no-audit', '--no-fund', release], { cwd: next })
  await rename(next, place).catch(() => rm(next, { recursive: true, force: true }))
  return program
}
