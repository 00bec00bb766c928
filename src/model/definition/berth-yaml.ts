import { isMap, isScalar, isSeq } from 'yaml'
import { envName, processName } from '../names.ts'
import { shellCommand } from './command.ts'
import { decimal, either, fail, flag, list, plain, type Read, record, shape, text, whole } from './read.ts'
import { duration, memory } from './units.ts'

const pattern =
  (grammar: RegExp, reason: string): Read<string> =>
  (place, node) => {
    const value = plain(place, node)
    return grammar.test(value) ? value : fail(place, node, reason)
  }

/** A path inside the repository; comes back without `./`, and `.` is its root. */
const inside: Read<string> = (place, node) => {
  const value = text(place, node)
  const parts = value.split('/').filter((part) => part !== '' && part !== '.')
  const leads = value.startsWith('/') || parts.includes('..') || /[\p{Cc}]/u.test(value)
  return leads ? fail(place, node, 'must be a path inside the repository, without ".."') : parts.join('/') || '.'
}

const command: Read<readonly string[]> = (place, node) =>
  isSeq(node) ? list(text)(place, node) : shellCommand(text(place, node))

const count = whole(0, 1_000)
const size = { count, memory, cpu: decimal(0.05, 256) }
const packageName = pattern(/^[a-z0-9][a-z0-9+.-]{1,100}$/, 'must be the name of a Debian package')

const build = shape({
  dockerfile: inside,
  target: pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/, 'must be the name of a stage'),
  args: record(envName, plain),
  runtime: pattern(/^[a-z][a-z0-9-]{0,30}$/, 'must be the name of a runtime, like node'),
  version: pattern(/^[\d.xX*^~<>=| -]{1,60}$/, 'must be a version or a range of versions, like 24 or ">=22 <25"'),
  command,
  packages: list(packageName),
  documentRoot: inside,
})

const health = shape({
  path: pattern(/^\/[\x21-\x7e]{0,1000}$/, 'must be a path that starts with /'),
  timeout: duration(100, 60_000),
  deadline: duration(1_000, 3_600_000),
  uptime: duration(0, 600_000),
})

const variable = shape({ generate: pattern(/^secret$/, 'must be "secret"'), required: flag, value: plain })

const process = shape({ command, ...size })

const _root = shape(
  {
    build,
    processes: record(processName, either(isMap, process, command)),
    release: command,
    health: either(isScalar, (place, node) => health(place, asPath(node)), health),
    env: record(envName, either(isMap, variable, plain)),
    scale: record(processName, either(isMap, shape(size), count)),
    port: whole(1, 65_535),
    stopGrace: duration(0, 3_600_000),
    drain: duration(0, 3_600_000),
  },
  {
    ...Object.fromEntries(
      ['dockerfile', 'runtime', 'packages', 'documentRoot', 'target', 'args'].map((k) => [k, `build.${k}`]),
    ),
    healthcheck: 'health',
    command: 'processes.web',
    web: 'processes.web',
    services: 'processes',
  },
)
