import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Argv, output, start } from '../../src/lib/exec.ts'
import { freePort } from './haproxy.ts'
import { answers, startSshd } from './sshd.ts'
import { until } from './wait.ts'

/** A folder in which repositories are served from, by the real servers of each system. */
export async function repositoryHost() {
  const stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'berth-host-'))
  await chmod(dir, 0o755)
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    LC_ALL: 'C.UTF-8',
    EMAIL: 'ada@example.com',
    HGUSER: 'Ada',
    BRZ_EMAIL: 'Ada <ada@example.com>',
  }
  const sh = (argv: Argv, cwd = dir) => output(argv, { cwd, env })
  const serve = async (argv: (port: number) => Argv, cwd = dir) => {
    const port = await freePort()
    const child = start(argv(port), { cwd, env, stdio: 'ignore', detached: true })
    stack.defer(async () => {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exited
    })
    await until(`${argv(port)[0]} to listen`, () => answers(port))
    return port
  }
  return {
    dir,
    sh,
    serve,
    /** git over HTTP as a real host serves it; with a password if one is given. */
    gitHttp: (password?: string) => gitHttp(stack, dir, password),
    gitDaemon: () =>
      serve((port) => [
        'git',
        'daemon',
        '--reuseaddr',
        '--export-all',
        '--listen=127.0.0.1',
        `--port=${port}`,
        `--base-path=${dir}`,
      ]),
    hg: (folder: string) =>
      serve((port) => ['hg', 'serve', '--address', '127.0.0.1', '--port', String(port)], join(dir, folder)),
    svn: () =>
      serve((port) => [
        'svnserve',
        '--daemon',
        '--foreground',
        '--listen-host',
        '127.0.0.1',
        '--listen-port',
        String(port),
        '--root',
        dir,
      ]),
    bzr: () => serve((port) => ['brz', 'serve', '--listen', '127.0.0.1', '--port', String(port), '--directory', dir]),
    ssh: (publicKey: () => string) => ssh(stack, dir, publicKey),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** `git http-backend` behind an HTTP server. */
async function gitHttp(stack: AsyncDisposableStack, dir: string, password?: string) {
  const seen: string[] = []
  let held = false
  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (held) return
    const wanted = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`
    if (password !== undefined && request.headers.authorization !== wanted) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    }
    backend(dir, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(async () => {
    server.close()
    server.closeAllConnections()
  })
  /** While it holds, what is asked for gets no answer, ever. */
  const hold = (wanted: boolean) => {
    held = wanted
  }
  return { port: (server.address() as AddressInfo).port, seen, hold }
}

function backend(dir: string, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '', 'http://x')
  const child = start(['git', 'http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: dir,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
    },
  })
  child.stdin?.on('error', () => undefined)
  if (child.stdin) request.pipe(child.stdin)
  void answerOf(child.stdout, response)
}

async function answerOf(stdout: NodeJS.ReadableStream | null, response: ServerResponse) {
  let head = Buffer.alloc(0)
  let begun = false
  for await (const chunk of stdout ?? []) {
    if (begun) response.write(chunk)
    else {
      head = Buffer.concat([head, chunk as Buffer])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) continue
      begun = true
      const lines = head.subarray(0, end).toString('latin1').split('\r\n')
      const fields = lines.map((line) => line.split(': ') as [string, string])
      const status = fields.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? '200'
      for (const [name, value] of fields) if (name.toLowerCase() !== 'status') response.setHeader(name, value)
      response.statusCode = Number.parseInt(status, 10)
      response.write(head.subarray(end + 4))
    }
  }
  response.end()
}

/** A real sshd that takes exactly the key that there is when somebody knocks. */
async function ssh(stack: AsyncDisposableStack, dir: string, publicKey: () => string) {
  const place = await mkdtemp(join(dir, 'sshd-'))
  const newHostKey = async () => {
    await rm(join(place, 'host'), { force: true })
    await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(place, 'host')])
  }
  await newHostKey()
  const port = await freePort()
  const config = join(place, 'sshd_config')
  await writeFile(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${place}/host\nPidFile none\nAuthorizedKeysFile ${place}/authorized\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\n`,
  )
  let child = await startSshd(config, port)
  stack.defer(() => void child.kill('SIGKILL'))
  return {
    port,
    user: userInfo().username,
    allow: () => writeFile(join(place, 'authorized'), publicKey()),
    hostKey: () => readFile(join(place, 'host.pub'), 'utf8'),
    async changeHostKey() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await newHostKey()
      child = await startSshd(config, port)
    },
  }
}
