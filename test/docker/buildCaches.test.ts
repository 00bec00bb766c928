import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildPlace, stack } from '../harness/builds.ts'
import { composerPackage, composerZip, gem, goModule, packageIndexes, wheel } from '../harness/packageIndexes.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
let indexes: Awaited<ReturnType<typeof packageIndexes>>
let cacheDir: string
before(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'berth-cache-'))
  // As in the tests of runtimes, whose layers of packages are found again.
  await writeFile(join(cacheDir, 'mark.key'), 'the installation of the tests of runtimes')
  place = await buildPlace({ cacheDir })
  indexes = await packageIndexes()
})
after(async () => {
  indexes?.[Symbol.dispose]()
  await place?.end()
  await rm(cacheDir, { recursive: true, force: true })
})

const token = (value: string) => ({ TOKEN: { value, scope: 'build', secret: true } as const })

test("a hostile Dockerfile of another team reads nothing of a team's caches", async (t) => {
  const { cluster } = place.settings
  const private_ = `RUN --mount=type=secret,id=TOKEN sha256sum < /run/secrets/TOKEN > /private; : ${cluster}`
  const theirs = [
    `FROM ${stack}`,
    'RUN --mount=type=cache,id=deps,target=/deps echo theirs > /deps/marker',
    'RUN --mount=type=cache,target=/root/.cache echo theirs > /root/.cache/marker',
    private_,
    'RUN cat /private',
    '',
  ].join('\n')
  const first = await place.build('victim', await place.folderOf({ Dockerfile: theirs }), {
    team: 'alpha',
    variables: token('the token of alpha'),
  })
  const secretLine = first.log.find((line) => /^ {7}[0-9a-f]{64}/.test(line)) ?? assert.fail(first.log.join('\n'))

  const guesses = ['deps', '/deps', '../deps', '/root/.cache', `${cluster}/victim/deps`, `${cluster}/victim/own/deps`]
  for (const id of guesses) {
    await t.test(`by the name ${id}`, async () => {
      const text = `FROM ${stack}\nRUN --mount=type=cache,id=${id},target=/x ls -A /x; echo looked: ${cluster}\n`
      const { log } = await place.build('thief', await place.folderOf({ Dockerfile: text }), { team: 'beta' })
      assert.ok(log.includes(`       looked: ${cluster}`), log.join('\n'))
      assert.deepEqual(
        log.filter((line) => /marker|theirs/.test(line)),
        [],
      )
    })
  }

  await t.test('nor the same app name in another team, nor what was made with a secret by the same words', async () => {
    const folder = await place.folderOf({ Dockerfile: theirs.replace('echo theirs > /deps/marker', 'ls -A /deps') })
    for (const variables of [token('a guess of beta'), {}]) {
      const { log } = await place
        .build('victim', folder, { team: 'beta', variables })
        .catch((error: Error) => ({ log: [error.message] }))
      assert.ok(!log.includes(secretLine), log.join('\n'))
      assert.deepEqual(
        log.filter((line) => line.trim() === 'marker'),
        [],
      )
    }
  })
})

type Files = Record<string, string>

/** Steps of a second build, after a change of the source. */
async function rebuilt(app: string, files: Files, change: Files, env: Files = {}) {
  const folder = await place.folderOf(files)
  await place.build(app, folder, { env })
  for (const [path, content] of Object.entries(change)) await writeFile(join(folder, path), content)
  return (await place.build(app, folder, { env })).log.filter((line) => line.startsWith('-----> '))
}

function installedBefore(steps: readonly string[]) {
  const installs = steps.filter((line) => /-----> (?:Installing|Downloading) /.test(line))
  assert.ok(installs.length > 0 && installs.every((line) => line.endsWith(' (cached)')), steps.join('\n'))
}

test('a change of the source alone installs nothing again: npm', async () => {
  const manifest = '{"dependencies": {"is-number": "7.0.0"}, "scripts": {"start": "node x"}}'
  installedBefore(await rebuilt('npm', { 'package.json': manifest, 'x.js': '1' }, { 'x.js': '2' }))
})

test('a change of the source alone installs nothing again: pip, with an index of its own in the file', async () => {
  const requirements = `--index-url ${indexes.url}/simple\n--trusted-host ${indexes.host}\ngreet==1.0\n`
  const app = (text: string) => `import greet\ndef app(_, start):\n    start("200 OK", [])\n    return [b"${text}"]\n`
  const before = indexes.downloads(wheel)
  installedBefore(
    await rebuilt('pip', { 'requirements.txt': requirements, 'app.py': app('1') }, { 'app.py': app('2') }),
  )
  assert.equal(indexes.downloads(wheel) - before, 1)
})

test('a change of the source alone installs nothing again: bundler', async () => {
  const files = { Gemfile: `source '${indexes.url}'\ngem 'greet'\n`, Procfile: 'web: ruby x.rb\n', 'x.rb': '1' }
  installedBefore(await rebuilt('bundler', files, { 'x.rb': '2' }))
  assert.equal(indexes.downloads(gem), 1)
})

test('a change of the source alone fetches nothing again: go, with a proxy that only builds know', async () => {
  const main = (text: string) =>
    `package main\n\nimport "example.com/greet"\n\nfunc main() { println(greet.Call(), "${text}") }\n`
  const files = {
    'go.mod': 'module example.com/site\n\ngo 1.19\n\nrequire example.com/greet v1.0.0\n',
    'go.sum': '',
    'main.go': main('1'),
  }
  const env = { GOPROXY: indexes.url, GONOSUMDB: '*', GOFLAGS: '-mod=mod' }
  installedBefore(await rebuilt('go', files, { 'main.go': main('2') }, env))
  assert.equal(indexes.downloads(goModule), 1)
})

test('composer takes a package from an index; with a lock, a change of the source alone installs nothing again', async () => {
  const page = (text: string) => `<?php require '../vendor/autoload.php'; echo Example\\Greet::call(), ' ${text}';\n`
  const manifest = {
    require: { 'example/greet': '^1.0' },
    repositories: [{ type: 'composer', url: indexes.url }, { 'packagist.org': false }],
    config: { 'secure-http': false },
  }
  const files = { 'composer.json': JSON.stringify(manifest), 'public/index.php': page('1') }
  const built = await place.build('composer', await place.folderOf(files))
  assert.equal((await place.fetchFrom(built, '/')).body, 'greetings 1')
  assert.equal(indexes.downloads(composerZip), 1)

  const locked = { packages: [composerPackage(new URL(indexes.url).host)], 'packages-dev': [] }
  const lock = JSON.stringify({ 'content-hash': '', ...locked })
  installedBefore(await rebuilt('composer', { ...files, 'composer.lock': lock }, { 'public/index.php': page('2') }))
})
