import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { openEngine } from '../../src/engine/engine.ts'
import { output } from '../../src/lib/exec.ts'
import { buildPlace, stack } from './builds.ts'
import { freePort } from './haproxy.ts'
import { until } from './wait.ts'

export type Database = Awaited<ReturnType<typeof startMariadb>>

/**
 * Debian's MariaDB, run as if it were installed on the machine: in the machine's network, listening on the address of
 * Docker's default bridge. Apps reach it there; each other's instances they do not.
 */
export async function startMariadb(...names: readonly [string, ...string[]]) {
  await using undo = new AsyncDisposableStack()
  const place = await buildPlace()
  undo.defer(() => place.end())
  const engine = openEngine('/var/run/docker.sock')
  const folder = await place.folderOf({ Dockerfile: dockerfile })
  const { image } = await place.build('mariadb', folder)
  const address = { host: await bridgeAddress(engine), port: await freePort() }
  const password = randomBytes(12).toString('hex')
  const first = join(folder, 'first.sql')
  await writeFile(first, firstSql(names, password), { mode: 0o644 })
  const body = {
    Image: image,
    Cmd: [
      'mariadbd',
      '--user=mysql',
      `--bind-address=${address.host}`,
      `--port=${address.port}`,
      '--init-file=/first.sql',
    ],
    HostConfig: { NetworkMode: 'host', Binds: [`${first}:/first.sql:ro`], Memory: 512 * 1_048_576 },
  }
  const { Id: id } = await engine.api.json<{ Id: string }>({ method: 'POST', path: '/containers/create', body })
  undo.defer(() => engine.containers.remove(id))
  await engine.containers.start(id)
  await until('MariaDB to answer', () => answers(address))
  const kept = undo.move()
  return {
    ...address,
    name: names[0],
    user: names[0],
    password,
    /** The answer of the server itself, as its superuser sees it. */
    query: async (sql: string) =>
      (await output(['/usr/bin/docker', 'exec', id, 'mariadb', '--batch', '--skip-column-names', '-e', sql])).trim(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const dockerfile = `FROM ${stack}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends mariadb-server \\
 && install -d -o mysql /run/mysqld
`

const firstSql = (names: readonly [string, ...string[]], password: string) =>
  [
    `CREATE USER ${names[0]}@'%' IDENTIFIED BY '${password}';`,
    ...names.flatMap((name) => [`CREATE DATABASE ${name};`, `GRANT ALL ON ${name}.* TO ${names[0]}@'%';`]),
    '',
  ].join('\n')

async function bridgeAddress({ api }: ReturnType<typeof openEngine>): Promise<string> {
  const { IPAM } = await api.json<Bridge>({ path: '/networks/bridge' })
  const [{ Gateway, Subnet } = {}] = IPAM.Config
  // The Engine leaves the gateway out when it is the first address of the network, as it is by default.
  const address = Gateway ?? Subnet?.replace(/\d+\/\d+$/, '1')
  return address ?? assert.fail("Docker's default bridge has no address")
}

type Bridge = { IPAM: { Config: { Gateway?: string; Subnet?: string }[] } }

/** It greets whoever connects. */
const answers = ({ host, port }: { host: string; port: number }) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port })
    socket.once('close', () => resolve(false)).once('error', () => resolve(false))
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
  })
