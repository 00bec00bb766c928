import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildPlace, stack } from '../harness/builds.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
before(async () => {
  place = await buildPlace()
})
after(() => place?.end())

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

/** Steps of the second build, those that were not done again marked. */
async function rebuilt(app: string, files: Record<string, string>, change: Record<string, string>) {
  const folder = await place.folderOf(files)
  await place.build(app, folder)
  for (const [path, content] of Object.entries(change)) await writeFile(join(folder, path), content)
  return (await place.build(app, folder)).log.filter((line) => line.startsWith('-----> '))
}

test('a change of the source alone installs no dependency again: npm', async () => {
  const files = {
    'package.json': '{"dependencies": {"is-number": "7.0.0"}, "scripts": {"start": "node x"}}',
    'x.js': '1',
  }
  const steps = await rebuilt('npm', files, { 'x.js': '2' })
  assert.ok(
    steps.some((line) => /^-----> Installing dependencies.*\(cached\)$/.test(line)),
    steps.join('\n'),
  )
})
