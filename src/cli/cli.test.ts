import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { password, startApi, type TestApi } from '../../test/harness/api.ts'
import { cliFor, type Said } from '../../test/harness/cli.ts'
import { until } from '../../test/harness/wait.ts'
import { output } from '../lib/exec.ts'
import { endOperation, listOperations } from '../server/store/operations.ts'

let api: TestApi
let cli: Awaited<ReturnType<typeof cliFor>>
let berth: (typeof cli)['berth']
let token: string
let app: string

before(async () => {
  api = await startApi({
    runs: {
      async attached({ command }, { input, output: write }) {
        for await (const chunk of input) await write('out', chunk)
        await write('err', Buffer.from(command.join('|')))
        return 7
      },
    },
  })
  token = await api.token('operator')
  cli = await cliFor({ BERTH_URL: api.url, BERTH_TOKEN: token })
  berth = cli.berth
  app = (await api.app()).name
})
after(async () => {
  await cli[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const fine = async (...args: string[]) => {
  const said = await berth(args)
  assert.equal(said.code, 0, said.stderr)
  return said.stdout
}

const refuses = (said: Said, code: number, message: RegExp) => {
  assert.equal(said.code, code, said.stderr)
  assert.match(said.stderr, message)
  assert.equal(said.stderr.trimEnd().split('\n').length, 1, said.stderr)
}

/** Plays the rest of the server: the newest operation writes a line and ends. */
async function conclude(kind: string, end: 'succeeded' | 'failed') {
  const operation = await until(`a ${kind}`, async () => {
    const [newest] = await api.store.read((tx) => listOperations(tx, { limit: 1 }))
    return newest?.kind === kind && newest.state === 'queued' && newest
  })
  await api.operationLogs.append(operation.id, `-----> Doing the ${kind}`)
  const outcome = end === 'failed' ? ({ code: 'BUILD_FAILED', message: 'build failed at RUN: no' } as const) : undefined
  await api.store.write('operations', (tx) => endOperation(tx, operation.id, end, outcome))
  return operation
}

const same: readonly (readonly [line: string, path: string])[] = [
  ['whoami', '/whoami'],
  ['app list', '/apps'],
  ['app show APP', '/apps/APP'],
  ['ps -a APP', '/apps/APP/instances'],
  ['releases -a APP', '/apps/APP/releases?limit=20'],
  ['release show v2 -a APP', '/apps/APP/releases/2'],
  ['env -a APP', '/apps/APP/env'],
  ['scale -a APP', '/apps/APP/scale'],
  ['domain list -a APP', '/apps/APP/domains'],
  ['operation list -a APP', '/apps/APP/operations?limit=20'],
  ['build list -a APP', '/apps/APP/builds?limit=20'],
  ['build show b1 -a APP', '/apps/APP/builds/1'],
  ['runtime list', '/runtimes'],
  ['key list', '/keys'],
  ['token list', '/tokens'],
  ['team list', '/teams'],
  ['team members alpha', '/teams/alpha/members'],
  ['user list', '/users'],
]

for (const [line, path] of same) {
  test(`berth ${line} --json prints exactly what the API returns`, async () => {
    const words = line.replace('APP', app).split(' ')
    const { json } = await api.ask('GET', `/api/v1${path.replace('APP', app)}`, { token })
    const printed = JSON.parse(await fine(...words, '--json'))
    const steady = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replace(/"lastUsedAt":"[^"]+"/g, '"lastUsedAt":0'))
    assert.deepEqual(steady(printed), steady(json))
    assert.equal((await fine(...words)).includes('undefined'), false)
  })
}

test('piped output is rows alone, without colours', async () => {
  const lines = (await fine('app', 'list')).trimEnd().split('\n')
  assert.ok(lines.some((line) => line.startsWith(`${app} `)))
  assert.ok(lines.every((line) => !/\[|\t|NAME/.test(line)))
})

test('a refusal is one line and exit code 1, a wrong command line 2', async () => {
  refuses(await berth(['ps', '-a', 'nothing-here']), 1, /^berth: no app "nothing-here"/)
  refuses(await berth(['app', 'create', app, '--team', 'alpha']), 1, /already exists/)
  refuses(await berth(['ps']), 2, /which app\?/)
  refuses(await berth(['ps', '-a', '..']), 1, /app name: use 1 to 40/)
  refuses(await berth(['app', 'crate', 'x']), 2, /did you mean "app create"\?/)
  refuses(await berth(['app', 'list'], { env: { BERTH_TOKEN: 'wrong' } }), 1, /run "berth login"/)
})

test('a server that is away is named, with what to do', async () => {
  const away = await berth(['app', 'list'], { env: { BERTH_URL: 'http://127.0.0.1:9' } })
  refuses(away, 1, /http:\/\/127\.0\.0\.1:9 .*try: berth status/)
})

test('BERTH_DEBUG shows where an error came from', async () => {
  const { stderr } = await berth(['ps', '-a', 'nothing-here'], { env: { BERTH_DEBUG: '1' } })
  assert.match(stderr, /\n {4}at /)
})

test('login, whoami, logout', async () => {
  const env = { BERTH_URL: '', BERTH_TOKEN: '' }
  const wrong = await berth(['login', api.url, '-u', 'ada', '--password-stdin'], { env, input: 'nonsense' })
  refuses(wrong, 1, /does not take this name and password/)
  const right = await berth(['login', api.url, '-u', 'ada', '--password-stdin'], { env, input: `${password}\n` })
  assert.match(right.stdout, /as ada/)
  const { stdout } = await berth(['whoami', '--json'], { env })
  assert.equal(JSON.parse(stdout).name, 'ada')
  const kept: { token: string } = JSON.parse(await readFile(join(cli.home, '.config/berth/config.json'), 'utf8'))
  assert.equal((await berth(['logout'], { env })).code, 0)
  assert.equal((await api.ask('GET', '/api/v1/whoami', { token: kept.token })).status, 401)
  refuses(await berth(['whoami'], { env: { ...env, XDG_CONFIG_HOME: join(cli.home, 'none') } }), 1, /run "berth login"/)
  const piped = await berth(['login', api.url, '--token-stdin'], { env, input: `${token}\n` })
  assert.match(piped.stdout, /as olga/)
  refuses(await berth(['login', api.url], { env, input: '' }), 1, /--token-stdin/)
})

test('a token printed alone works', async () => {
  const made = await fine('token', 'create', '--name', 'ci', '--quiet')
  assert.match(made, /^\S+\n$/)
  const { stdout } = await berth(['whoami'], { env: { BERTH_TOKEN: made.trim() } })
  assert.match(stdout, /olga/)
  await fine('token', 'remove', 'ci')
  assert.equal((await berth(['whoami'], { env: { BERTH_TOKEN: made.trim() } })).code, 1)
})

test('app create in a git repository adds the remote, which then says which app', async () => {
  const folder = join(cli.home, 'blog')
  await output(['git', 'init', '-q', folder])
  const [name, other] = [api.next('blog'), api.next('blog')]
  const created = await berth(['app', 'create', name, '--team', 'alpha'], { cwd: folder })
  assert.match(created.stdout, /git push berth main/)
  assert.match((await berth(['app', 'show'], { cwd: folder })).stdout, new RegExp(`^name: +${name}$`, 'm'))
  const second = await berth(['app', 'create', other, '--team', 'alpha'], { cwd: folder })
  assert.match(second.stdout, /remote "berth" stays/)
  const third = await berth(['app', 'create', api.next('blog'), '--team', 'alpha', '--no-remote'], { cwd: folder })
  assert.equal(third.code, 0)
})

test('keys: added from a file or standard input, removed by name; a private key stays here', async () => {
  const file = join(cli.home, 'id')
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'me@laptop', '-f', file])
  refuses(await berth(['key', 'add', file]), 1, /is a private key; give the public half/)
  await fine('key', 'add', `${file}.pub`)
  assert.match(await fine('key', 'list'), /me@laptop/)
  await fine('key', 'remove', 'me@laptop')
  const again = await berth(['key', 'add', '-', '--name', 'desk'], { input: await readFile(`${file}.pub`, 'utf8') })
  assert.match(again.stdout, /"desk" is added/)
})

test('who sees a variable is set, shown, changed, exported and imported', async () => {
  const { name } = await api.app()
  const set = await fine('env', 'set', '--build', '--secret', 'TOKEN=hidden', '-a', name)
  assert.equal(set.trim(), 'TOKEN: done; the next build sees it')
  await fine('env', 'set', '--both', 'NEXT_PUBLIC_URL=http://x', '--stage', '-a', name)
  await fine('env', 'scope', 'build', 'NEXT_PUBLIC_URL', '--stage', '-a', name)
  const shown = await fine('env', '-a', name)
  assert.deepEqual(
    shown
      .split('\n')
      .map((line) => line.split(/\s{2,}/))
      .map(([who, , scope]) => [who, scope]),
    [
      ['GREETING', 'run'],
      ['NEXT_PUBLIC_URL', 'build'],
      ['TOKEN', 'build'],
      ['', undefined],
    ],
  )
  const exported = (await berth(['env', 'export', '-a', name])).stdout
  assert.equal(exported, 'GREETING=hello\n# scope: build\nNEXT_PUBLIC_URL=http://x\n')
  const other = (await api.app()).name
  assert.equal((await berth(['env', 'import', '-', '--stage', '-a', other], { input: exported })).code, 0)
  assert.equal((await berth(['env', 'export', '-a', other])).stdout, exported)
  refuses(await berth(['env', 'scope', 'everywhere', 'TOKEN', '-a', name]), 1, /must be one of run, build, both/)
  refuses(await berth(['env', 'scope', 'both', 'NEVER_SET', '-a', name]), 1, /NEVER_SET: has no value/)
})

test('variables from arguments, files and standard input, and back', async () => {
  const { name } = await api.app()
  await writeFile(join(cli.home, 'pem'), 'BEGIN\nEND\n')
  const staged = ['--stage', '-a', name]
  const set = await berth(['env', 'set', 'A=x=y', 'B=-', 'C=@pem', ...staged], { input: 'from stdin\n' })
  assert.equal(set.code, 0, set.stderr)
  await fine('env', 'set', 'S=hidden', '--secret', ...staged)
  const exported = await berth(['env', 'export', '-a', name])
  assert.equal(exported.stdout, "A=x=y\nB='from stdin'\nC='BEGIN\nEND'\nGREETING=hello\n")
  assert.match(exported.stderr, /secret: S/)
  const other = (await api.app()).name
  const imported = await berth(['env', 'import', '-', '--stage', '-a', other], { input: exported.stdout })
  assert.equal(imported.code, 0, imported.stderr)
  assert.equal((await berth(['env', 'export', '-a', other])).stdout, exported.stdout)
  refuses(await berth(['env', 'set', '--build', '--both', 'A=1', '-a', name]), 2, /--build and --both exclude/)
  refuses(await berth(['env', 'set', 'A=@nowhere', '-a', name]), 1, /@nowhere: no such file/)
  refuses(await berth(['env', 'set', 'A=-', 'B=-', '-a', name]), 2, /one variable only/)
  refuses(
    await berth(['env', 'import', '-', '-a', name], { input: 'nonsense' }),
    2,
    /standard input:1: expected NAME=value/,
  )
})

test('a deploy sends the folder, shows the log and ends with the release', async () => {
  const folder = join(cli.home, 'site')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'index.html'), 'hello')
  const said = berth(['deploy', folder, '-a', app])
  const { id } = await conclude('deploy', 'succeeded')
  const { code, stdout, stderr } = await said
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^-----> Doing the deploy\n.*http.*\n$/)
  const listed = await output(['tar', '-tf', join(api.dir, 'builds', id, 'source.tar')])
  assert.equal(listed, 'index.html\n')
})

test('a refusal with --json is what the API answered, beside the line for people', async () => {
  const said = await berth(['app', 'show', 'none', '--json'])
  refuses(said, 1, /^berth: no app "none"/)
  const { json } = await api.ask('GET', '/api/v1/apps/none', { token })
  assert.deepEqual(JSON.parse(said.stdout), json)
})

test('what fails says why, and exits with 1; with --json, standard output is the operation', async () => {
  const plain = berth(['restart', '-a', app])
  await conclude('restart', 'failed')
  const { code, stderr } = await plain
  assert.equal(code, 1)
  assert.equal(stderr, 'berth: build failed at RUN: no\n')
  const asJson = berth(['rollback', '-a', app, '--json'])
  const { id } = await conclude('rollback', 'failed')
  const said = await asJson
  assert.equal(said.code, 1)
  assert.equal(JSON.parse(said.stdout).id, id)
  assert.match(said.stderr, /-----> Doing the rollback/)
})

test('--detach does not wait; follow and cancel take it up', async () => {
  const started = JSON.parse(await fine('scale', 'web=3', '-a', app, '--detach', '--json'))
  assert.equal(started.operation.state, 'queued')
  const said = berth(['operation', 'follow', started.operation.id])
  await fine('operation', 'cancel', started.operation.id)
  refuses(await said, 1, /cancelled by olga/)
})

test('Ctrl-C leaves the operation alone and says how to go on', async () => {
  const operation = JSON.parse(await fine('restart', '-a', app, '--detach', '--json'))
  await api.operationLogs.append(operation.id, '-----> Starting')
  const said = await berth(['operation', 'follow', operation.id], { watch: (_, interrupt) => interrupt() })
  refuses(said, 130, new RegExp(`goes on; follow it with: berth operation follow ${operation.id}`))
  await conclude('restart', 'succeeded')
})

test('logs, followed until Ctrl-C', async () => {
  const { name } = await api.app()
  const line = (text: string, second: number) => ({
    app: name,
    process: 'web',
    release: 1,
    instance: 'abcdef123456',
    at: `2030-01-01T00:00:0${second}.000000000Z`,
    stream: 'out' as const,
    text,
  })
  await api.appLogs.append([line('one', 1), line('two', 2)])
  assert.match(await fine('logs', '-a', name, '-n', '1'), /^2030\S+ web\.abcdef \| two\n$/)
  const said = await berth(['logs', '-a', name, '-f'], {
    watch(stdout, interrupt) {
      if (stdout.includes('three')) interrupt()
      else if (stdout.includes('two')) void api.appLogs.append([line('three', 3)])
    },
  })
  assert.equal(said.code, 130)
  assert.equal(said.stdout.split('\n').length, 4)
})

test('run passes input, output, errors and the exit code through', async () => {
  const said = await berth(['run', '-a', app, 'tr', '-d', '--json'], { input: 'through and back' })
  assert.deepEqual(said, { code: 7, stdout: 'through and back', stderr: 'tr|-d|--json' })
})

test('destroy needs the name again', async () => {
  const { name } = await api.app()
  refuses(await berth(['app', 'destroy', name]), 1, /--confirm NAME/)
  const said = berth(['app', 'destroy', name, '--confirm', name])
  await conclude('destroy', 'succeeded')
  assert.match((await said).stdout, /is destroyed/)
})

test('completion asks what may come next', async () => {
  assert.equal(await fine('complete', '2', 'berth', 'app', 'cr'), 'create\n')
  assert.equal(await fine('complete', '3', 'berth', 'ps', '-a', app), `${app}\n`)
  assert.match(await fine('complete', '3', 'berth', 'env', 'set', '--s'), /^--secret\n--stage\n$/)
  assert.match(await fine('completion', 'bash'), /complete .* berth/)
})
