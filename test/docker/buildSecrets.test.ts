import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { output } from '../../src/lib/exec.ts'
import type { Variables } from '../../src/model/variables.ts'
import { buildPlace, stack } from '../harness/builds.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
before(async () => {
  place = await buildPlace()
})
after(() => place?.end())

/** Odd enough to look different in each encoding. */
const token = `canary+of/the~app?"build's" ü&x`
const pem = `-----BEGIN CANARY-----\n${'Q2FuYXJ5IG9mIHRoZSBhcHA'.repeat(3)}\n${'IGFuZCBpdHMgYnVpbGQ'.repeat(3)}\n-----END CANARY-----`
const variables: Variables = {
  TOKEN: { value: token, scope: 'build', secret: true },
  PEM: { value: pem, scope: 'both', secret: true },
  RUN_ONLY: { value: 'canary-of-the-run', scope: 'run', secret: true },
}

/** What of the values a text still holds, in any form that a reader could turn back at a glance. */
function leaked(text: string): string[] {
  const lines = [token, 'canary-of-the-run', ...pem.split('\n')]
  const forms = lines.flatMap((line) => [
    line,
    encodeURIComponent(line),
    JSON.stringify(line).slice(1, -1),
    Buffer.from(line).toString('base64').slice(4, -6),
    Buffer.from(line).toString('hex'),
  ])
  return forms.filter((form) => text.includes(form))
}

const encodings = [
  'cat /run/secrets/TOKEN; echo',
  'echo "before $(cat /run/secrets/TOKEN) after"',
  'cat /run/secrets/TOKEN | base64 -w 0; echo',
  'base64 /run/secrets/PEM',
  'printf "u:%s" "$(cat /run/secrets/TOKEN)" | base64 -w 0; echo',
  'printf "us:%s" "$(cat /run/secrets/TOKEN)" | base64 -w 0 | tr "+/" "-_"; echo',
  `perl -0777 -pe 's/([^A-Za-z0-9_.~-])/sprintf("%%%02X", ord $1)/ge' /run/secrets/TOKEN; echo`,
  `perl -0777 -pe 's/(["\\\\])/\\\\$1/g' /run/secrets/TOKEN; echo`,
  'od -An -v -tx1 /run/secrets/TOKEN | tr -d " \\n"; echo',
  'cat /run/secrets/PEM',
  'for i in 1 2 3 4; do dd if=/run/secrets/TOKEN bs=8 count=1 skip=$((i - 1)) 2>/dev/null; sleep 0.2; done; dd if=/run/secrets/TOKEN bs=32 skip=1 2>/dev/null; echo',
  'set -x; : "$(cat /run/secrets/TOKEN)"',
]

test('no value of a variable is shown in the log of a build, however it is encoded or sent', async () => {
  const folder = await place.folderOf({
    Dockerfile: [
      `FROM ${stack}`,
      `RUN : ${place.settings.cluster}`,
      ...encodings.map((line) => `RUN --mount=type=secret,id=TOKEN --mount=type=secret,id=PEM ${line}`),
      '',
    ].join('\n'),
  })
  const { log, image } = await place.build('loud', folder, { variables })
  assert.deepEqual(leaked(log.join('\n')), [], log.join('\n'))
  assert.equal(log.filter((line) => line.includes('[TOKEN]')).length >= encodings.length - 2, true, log.join('\n'))
  assert.deepEqual(await place.searchImage(image, [token, 'canary-of-the-run', pem.split('\n')[1] ?? '']), [])
  assert.deepEqual(leaked(await output(['/usr/bin/docker', 'history', '--no-trunc', image])), [])
})

test('a failing build tells no value either, in its log or in its reason', async () => {
  const folder = await place.folderOf({
    Dockerfile: `FROM ${stack}\nRUN --mount=type=secret,id=TOKEN cat /run/secrets/TOKEN; exit 3\n`,
  })
  const log: string[] = []
  const error = await place
    .build('failing', folder, { variables, onLine: (line) => log.push(line) })
    .then(() => assert.fail('it is built'))
    .catch((error: Error) => error.message)
  assert.match(error, /exit code 3: \[TOKEN\]/)
  assert.deepEqual(leaked([error, ...log].join('\n')), [])
})

test('an ARG gets no variable but a published one, and the log says so', async () => {
  const folder = await place.folderOf({
    Dockerfile: [
      `FROM ${stack}`,
      'ARG TOKEN',
      'ARG NEXT_PUBLIC_URL',
      `RUN : ${place.settings.cluster}; echo "got <$TOKEN> and <$NEXT_PUBLIC_URL>"`,
      '',
    ].join('\n'),
  })
  const { log, image } = await place.build('arguments', folder, {
    variables: { ...variables, NEXT_PUBLIC_URL: { value: 'site', scope: 'both' } },
  })
  assert(log.includes('       got <> and <site>'), log.join('\n'))
  assert(log.some((line) => line.startsWith(' !     ARG TOKEN stays empty')))
  assert.deepEqual(leaked(await output(['/usr/bin/docker', 'history', '--no-trunc', image])), [])
})

test('a RUN of a Dockerfile is done again when a variable that it mounts has changed, and only then', async () => {
  const folder = await place.folderOf({
    Dockerfile: [
      `FROM ${stack}`,
      `RUN : ${place.settings.cluster}; echo apart`,
      'RUN --mount=type=secret,id=TOKEN wc -c < /run/secrets/TOKEN',
      '',
    ].join('\n'),
  })
  const cached = async (variables: Variables) =>
    (await place.build('mounts', folder, { variables })).log.filter((line) => line.endsWith('(cached)')).length
  const build = (value: string, other: string): Variables => ({
    TOKEN: { value, scope: 'build' },
    OTHER: { value: other, scope: 'both' },
  })
  await cached(build('first value', 'a'))
  const all = await cached(build('first value', 'b'))
  assert.equal(await cached(build('second value', 'b')), all - 1)
})

const seeing = {
  'package.json': JSON.stringify({
    scripts: {
      postinstall: 'echo installing',
      build: 'echo "run=<$RUN_ONLY> build=<$FOR_BUILD> named=<$NAMED> default=<$DEFAULT>"',
      start: 'node x',
    },
    dependencies: {},
  }),
  'berth.yaml':
    'build: { env: [NAMED, ABSENT] }\nenv: { DEFAULT: { value: by definition, scope: build }, PLAIN: stays }\n',
}

test('a build sees what is for builds and what the definition names; the rest changes no layer', async () => {
  const folder = await place.folderOf(seeing)
  const build = (run: string) =>
    place.build('scopes', folder, {
      variables: {
        RUN_ONLY: { value: run, scope: 'run' },
        FOR_BUILD: { value: 'b', scope: 'build' },
        NAMED: { value: 'n', scope: 'run' },
        VITE_TITLE: { value: 'x', scope: 'run' },
      },
    })
  const { log, formation } = await build('first')
  assert(log.includes('       run=<> build=<b> named=<n> default=<by definition>'), log.join('\n'))
  assert(log.some((line) => line.startsWith(' !     build.env names ABSENT, which is not set')))
  assert(log.some((line) => line.includes('VITE_TITLE is read while building, and is set for the run only')))
  assert.deepEqual(formation.env, { PLAIN: 'stays' })
  const again = (await build('second')).log.filter((line) => line.startsWith('----->'))
  assert.deepEqual(
    again.filter((line) => /Installing|Building/.test(line) && !line.endsWith('(cached)')),
    [],
    again.join('\n'),
  )
})

test('a build that fails for a variable which it does not see is told so', async () => {
  const folder = await place.folderOf({
    'package.json': JSON.stringify({
      scripts: { build: 'test -n "$RUN_ONLY" || { echo "KeyError: RUN_ONLY"; exit 1; }', start: 'node x' },
    }),
  })
  const log: string[] = []
  await assert.rejects(place.build('missing', folder, { variables, onLine: (line) => log.push(line) }))
  assert(
    log.some((line) => line.includes('The build does not see RUN_ONLY')),
    log.join('\n'),
  )
})
