import { isMap, isScalar, isSeq } from 'yaml'
import { envName, processName } from '../names.ts'
import { scopeOf, scopes } from '../variables.ts'
import { argumentName } from './argumentName.ts'
import { shellCommand } from './command.ts'
import {
  checked,
  decimal,
  either,
  fail,
  flag,
  list,
  plain,
  type Reader,
  reader,
  record,
  said,
  shape,
  text,
  whole,
} from './read.ts'
import { duration, memory } from './units.ts'

/** What berth.yaml may say. The JSON Schema for editors is made of the same readers. */

const pattern = (grammar: RegExp, reason: string, type: readonly string[] = ['string']): Reader<string> =>
  reader({ type: type.length === 1 ? type[0] : type, pattern: grammar.source }, (place, node) => {
    const value = plain(place, node)
    return grammar.test(value) ? value : fail(place, node, reason)
  })

/** A path inside the repository; comes back without `./`, and `.` is its root. */
const inside = reader({ type: 'string', pattern: '^(?!/)(?!(?:.*/)?\\.\\.(?:/|$)).*\\S' }, (place, node): string => {
  const value = text(place, node)
  const parts = value.split('/').filter((part) => part !== '' && part !== '.')
  const leads = value.startsWith('/') || parts.includes('..') || /[\p{Cc}]/u.test(value)
  return leads ? fail(place, node, 'must be a path inside the repository, without ".."') : parts.join('/') || '.'
})

const line = reader(text.schema, (place, node): readonly string[] => shellCommand(text(place, node)))
const command = either<readonly string[], readonly string[]>(isSeq, list(text), line)

const variableGrammar = /^(?!PORT$)(?!BERTH_)[A-Za-z_][A-Za-z0-9_]{0,254}$/
const processGrammar = /^[a-z](?:[a-z0-9]|[-_](?=[a-z0-9])){0,29}$/
const variableName = reader({ type: 'string', pattern: variableGrammar.source }, (place, node): string =>
  checked(place, node, () => envName(plain(place, node))),
)

const size = {
  count: said('How many instances run', whole(0, 1_000)),
  memory: said('Limit of each instance, like 512M', memory),
  cpu: said('Limit of each instance, in processors', decimal(0.05, 256)),
}

const build = shape({
  dockerfile: said('The Dockerfile to build', inside),
  context: said('The folder that the Dockerfile sees; the whole repository unless said', inside),
  compose: said('The Docker Compose file to read', inside),
  service: said(
    'The service of the Compose file that becomes "web"',
    pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/, 'must be the name of a service'),
  ),
  target: said(
    'Stage of the Dockerfile',
    pattern(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/, 'must be the name of a stage', ['string', 'number']),
  ),
  args: said(
    'Build arguments; not for secrets, they stay in the image',
    record(
      argumentName,
      plain,
      /^(?!PORT$)(?!BERTH_)(?![Bb][Uu][Ii][Ll][Dd][Kk][Ii][Tt]_)[A-Za-z_][A-Za-z0-9_]{0,254}$/,
    ),
  ),
  runtime: said(
    'The runtime, instead of a Dockerfile',
    pattern(/^[a-z][a-z0-9-]{0,30}$/, 'must be the name of a runtime, like node'),
  ),
  stack: said(
    'The stack that a runtime builds on',
    pattern(/^[a-z][a-z0-9-]{0,30}$/, 'must be the name of a stack, like bookworm'),
  ),
  version: said(
    'Version of the runtime',
    pattern(/^[\d.xX*^~<>=| -]{1,60}$/, 'must be a version or a range of versions, like 24 or ">=22 <25"', [
      'string',
      'number',
    ]),
  ),
  command: said("Replaces the runtime's build steps", command),
  packages: said(
    'Debian packages, for a runtime',
    list(pattern(/^[a-z0-9][a-z0-9+.-]{1,100}$/, 'must be the name of a Debian package')),
  ),
  env: said('Variables that the build sees, whatever their scope', list(variableName)),
  documentRoot: said('Folder to serve, for static and php', inside),
})

const path = pattern(/^\/[\x21-\x7e]{0,1000}$/, 'must be a path that starts with /')

const health = shape({
  path: said('What "web" is asked for; 200 to 399 passes', path),
  timeout: said('For one probe', duration(100, 60_000)),
  deadline: said('From the start of an instance to its first passed probe', duration(1_000, 3_600_000)),
  uptime: said('Processes other than "web" pass by having run so long', duration(0, 600_000)),
})

const pathAlone = reader(path.schema, (place, node) => ({ path: path(place, node) }))

const variable = shape({
  generate: said('A random value is made once', pattern(/^secret$/, 'must be "secret"')),
  required: said('A deploy is refused until somebody has set it', flag),
  value: said('The value, unless somebody sets another one', plain),
  scope: reader({ enum: scopes, description: 'Who sees the value' }, (place, node) =>
    checked(place, node, () => scopeOf(plain(place, node))),
  ),
})

const process = said({ required: ['command'] }, shape({ command: said('What it runs', command), ...size }))

const elsewhere = {
  dockerfile: 'build.dockerfile',
  runtime: 'build.runtime',
  packages: 'build.packages',
  documentRoot: 'build.documentRoot',
  compose: 'build.compose',
  healthcheck: 'health',
  command: 'processes.web',
  web: 'processes.web',
  services: 'processes',
}

export const berthShape = shape(
  {
    build: said('How the image is made; what is absent is found out', build),
    processes: said(
      'What runs, by name; "web" gets the requests',
      record(processName, either(isMap, process, command), processGrammar),
    ),
    release: said('Runs once in the new image, before any new instance starts', command),
    postdeploy: said('Runs once after each deploy that went live', command),
    health: said('When an instance may get requests', either(isScalar, pathAlone, health)),
    env: said(
      'Values for variables that nobody has set',
      record(envName, either(isMap, variable, plain), variableGrammar),
    ),
    scale: said(
      'How many instances, and how large',
      record(processName, either(isMap, shape(size), size.count), processGrammar),
    ),
    port: said('Where "web" listens; it gets it as $PORT', whole(1, 65_535)),
    stopGrace: said('From SIGTERM to SIGKILL', duration(0, 3_600_000)),
    drain: said('How long old instances may finish their requests', duration(0, 3_600_000)),
  },
  elsewhere,
)

export type BerthFile = ReturnType<typeof berthShape>
export type HealthSaid = ReturnType<typeof health>
