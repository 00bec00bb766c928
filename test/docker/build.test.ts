import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildPlace, stack, zipOf } from '../harness/builds.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
before(async () => {
  place = await buildPlace()
})
after(() => place.end())

const examples: [name: string, recipe: string, path: string, body: RegExp][] = [
  ['hello', 'node', '/', /Hello from Berth/],
  ['static', 'static', '/about', /<h1>About<\/h1>/],
  ['python-wsgi', 'python', '/some/path', /Hello from Python.*some\/path/s],
  ['php', 'php', '/some/path', /Hello from PHP 8.*some\/path/s],
  ['docker', 'Dockerfile', '/', /Hello from a Dockerfile/],
]

for (const [name, recipe, path, body] of examples) {
  test(`examples/${name} is built and answers`, async () => {
    const built = await place.build(name, await place.example(name))
    assert.equal(built.recipe, recipe)
    const answer = await place.fetchFrom(built, path)
    assert.equal(answer.status, 200)
    assert.match(answer.body, body)
    const { Config } = await imageOf(built.image)
    assert.notEqual(Config.User, '', 'it runs as somebody else than root')
    assert.equal(Config.Labels['berth.app'], name)
  })
}

const imageOf = (image: string) =>
  place.engine.api.json<{ Config: { User: string; Labels: Record<string, string> } }>({ path: `/images/${image}/json` })

test('a change of the source alone runs no step again', async (t) => {
  const folder = await place.example('hello')
  await place.build('warm', folder)
  await writeFile(join(folder, 'notes.txt'), 'changed')
  const again = await place.build('warm', folder)
  t.diagnostic(`warm rebuild: ${Math.round(again.ms)} ms`)
  assert(
    again.log.some((line) => line.endsWith('(cached)')),
    again.log.join('\n'),
  )
})

test('dependencies come from the npm registry, and a build script runs', async () => {
  const folder = await place.folderOf({
    'package.json': JSON.stringify({
      scripts: { build: 'node build.js', start: 'node server.js' },
      dependencies: { 'is-number': '7.0.0' },
    }),
    'build.js': `require('fs').writeFileSync('built.txt', 'built: ' + require('is-number')(7))`,
    'server.js': `require('http').createServer((_, r) => r.end(require('fs').readFileSync('built.txt'))).listen(process.env.PORT)`,
  })
  const answer = await place.fetchFrom(await place.build('registry', folder), '/')
  assert.equal(answer.body, 'built: true')
})

test('requirements come from wheels in the repository', async () => {
  const wheel = zipOf({
    'greet.py': 'def greet():\n    return "greetings"\n',
    'greet-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n',
    'greet-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'greet-1.0.dist-info/RECORD':
      'greet.py,,\ngreet-1.0.dist-info/METADATA,,\ngreet-1.0.dist-info/WHEEL,,\ngreet-1.0.dist-info/RECORD,,\n',
  })
  const folder = await place.folderOf({
    'requirements.txt': '--no-index\n--find-links wheels\ngreet\n',
    'wheels/greet-1.0-py3-none-any.whl': wheel,
    'app.py': 'from greet import greet\ndef app(_, start):\n    start("200 OK", [])\n    return [greet().encode()]\n',
  })
  const answer = await place.fetchFrom(await place.build('wheels', folder), '/')
  assert.equal(answer.body, 'greetings')
})

test('build-time variables reach the build, and change what it makes', async () => {
  const folder = await place.folderOf({
    'package.json':
      '{"scripts": {"build": "echo \\"made with $GREETING\\" > index.html; echo saw $GREETING", "start": "node x"}}',
  })
  const first = await place.build('variables', folder, { env: { GREETING: `it's "first" $HOME` } })
  assert(first.log.includes('       saw [GREETING]'), first.log.join('\n'))
  const same = await place.build('variables', folder, { env: { GREETING: `it's "first" $HOME` } })
  assert(same.log.some((line) => /Building.*cached/.test(line)))
  const second = await place.build('variables', folder, { env: { GREETING: 'second' } })
  assert(!second.log.some((line) => /Building.*cached/.test(line)))
})

test("a Dockerfile's RUN sees the host's settings and the variables, and the image keeps none of it", async () => {
  const home = await place.folderOf({ '.npmrc': '@own:registry=https://canary-of-the-host.test/\n' })
  const own = await buildPlace({ hostEnv: { HOME: home } })
  try {
    const folder = await own.folderOf({
      Dockerfile: [
        `FROM ${stack}`,
        `RUN : ${own.settings.cluster}`,
        'RUN grep -c canary "$npm_config_globalconfig" && grep -c "BEGIN CERT" "$SSL_CERT_FILE" && ls /dev/berth',
        'RUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN | wc -c',
        '',
      ].join('\n'),
    })
    const built = await own.build('clean', folder, { env: { TOKEN: 'canary-of-the-app' } })
    assert(built.log.includes('       17'), built.log.join('\n'))
    const certificate = (await readFile('/etc/ssl/certs/ca-certificates.crt', 'utf8')).split('\n')[3] ?? ''
    const found = await own.searchImage(built.image, ['canary-of-the-host', 'canary-of-the-app'])
    assert.deepEqual(found, [])
    assert.deepEqual(await own.searchNewLayers(built.image, [certificate]), [])
  } finally {
    await own.end()
  }
})

test('a build that takes too much memory is killed, and says so', async () => {
  const folder = await place.folderOf({
    Dockerfile: `FROM ${stack}\nRUN perl -e 'my @a; push @a, "x" x 10_000_000 for 1..300; sleep 1'\n`,
  })
  await assert.rejects(place.build('hog', folder), /killed, probably out of memory \(limit 1024 MB\)/)
})

test('a build that starts too many processes is stopped by its limit', async () => {
  const folder = await place.folderOf({
    Dockerfile: `FROM ${stack}\nRUN for i in $(seq 2000); do sleep 5 & done; echo survived\n`,
  })
  await assert.rejects(place.build('bomb', folder), /build failed at .*RUN for i/)
})

test('a failing step fails the build with its last words, and leaves nothing', async () => {
  const folder = await place.folderOf({ Dockerfile: `FROM ${stack}\nRUN echo the reason; exit 7\n` })
  await assert.rejects(place.build('failing', folder), {
    code: 'BUILD_FAILED',
    message: 'build failed at [2/2] RUN echo the reason; exit 7: exit code 7: the reason',
  })
  assert.equal(await place.engine.images.exists(`${place.settings.cluster}/failing:b1`), false)
  assert.equal(await place.leftovers(), 0)
})

test('a cancelled build ends at once, and its processes with it', async () => {
  const folder = await place.folderOf({ Dockerfile: `FROM ${stack}\nRUN echo started; sleep 4321.5\n` })
  const controller = new AbortController()
  const started = (line: string) => line.trim() === 'started' && controller.abort()
  await assert.rejects(place.build('cancelled', folder, { signal: controller.signal, onLine: started }), {
    code: 'CANCELLED',
  })
  await place.noProcess('4321.5')
  assert.equal(await place.leftovers(), 0)
})

test('a build that takes too long is stopped', async () => {
  const own = await buildPlace({ limits: { memoryMb: 1_024, cpu: 2, pids: 512, timeoutMs: 2_000 } })
  try {
    const folder = await own.folderOf({ Dockerfile: `FROM ${stack}\nRUN sleep 4321.6\n` })
    await assert.rejects(own.build('slow', folder), { code: 'BUILD_TIMEOUT' })
    await own.noProcess('4321.6')
  } finally {
    await own.end()
  }
})

const curious: [says: string, instruction: string, reason: RegExp][] = [
  ['COPY of an absolute path', 'COPY /etc/hostname /x', /"etc" is not in the source/],
  ['COPY that climbs out', 'COPY ../../../etc/hostname /x', /"etc" is not in the source/],
  ['ADD of an absolute path', 'ADD /proc/version /x', /"proc" is not in the source/],
  [
    'a bind mount of the context',
    'RUN --mount=type=bind,source=/var/lib/docker,target=/x ls /x',
    /is not in the source/,
  ],
  ['privilege', 'RUN --security=insecure id', /insecure|security|unknown flag/i],
  ["the host's network", 'RUN --network=host id', /network/i],
  ["the Engine's socket", 'RUN ls /var/run/docker.sock', /exit code/],
]

for (const [says, instruction, reason] of curious) {
  test(`a Dockerfile gets nothing of the host: ${says}`, async () => {
    const folder = await place.folderOf({ Dockerfile: `FROM ${stack}\n${instruction}\n` })
    await assert.rejects(place.build('curious', folder), reason)
  })
}

test('odd file names arrive as they are', async () => {
  const name = `it's "odd" $(touch x) \`y\`; --flag 東京.html`
  const built = await place.build('odd', await place.folderOf({ 'index.html': 'x', [name]: 'odd' }))
  const answer = await place.fetchFrom(built, `/${encodeURIComponent(name)}`)
  assert.equal(answer.body, 'odd')
})

test("another app's image is nothing to start from", async () => {
  await place.build('theirs', await place.folderOf({ Dockerfile: `FROM ${stack}\nRUN echo secret > /secret\n` }))
  const { engine, settings } = place
  const [image] = (await engine.images.list(`berth.cluster=${settings.cluster}`)).flatMap(({ tags }) =>
    tags.filter((tag) => tag.startsWith(`${settings.cluster}/theirs:`)),
  )
  for (const dockerfile of [
    `FROM ${image}\nRUN cat /secret; sleep 1\n`,
    `ARG X=${image}\nFROM $X\nRUN cat /secret; sleep 1\n`,
    `FROM ${stack}\nCOPY --from=${image} /secret /\nRUN cat /secret; sleep 1\n`,
  ]) {
    const folder = await place.folderOf({ Dockerfile: dockerfile })
    await assert.rejects(place.build('mine', folder), /the image of another app/)
  }
})

test('.dockerignore is heeded', async () => {
  const folder = await place.folderOf({
    Dockerfile: `FROM ${stack}\nCOPY . /x\nRUN find /x -type f | sort | tr "\\n" " "\n`,
    '.dockerignore': '*.secret\n',
    'a.secret': place.settings.cluster,
    'a.txt': place.settings.cluster,
  })
  const { log } = await place.build('ignore', folder)
  assert(log.includes('       /x/.dockerignore /x/Dockerfile /x/a.txt '), log.join('\n'))
})

test('a base image that cannot be had is named', async () => {
  const folder = await place.folderOf({ Dockerfile: 'FROM registry.invalid/none:1\n' })
  await assert.rejects(
    place.build('base', folder),
    /build failed at FROM registry.invalid\/none:1: the image cannot be fetched/,
  )
})
