import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { cliFor } from '../../test/harness/cli.ts'

let cli: Awaited<ReturnType<typeof cliFor>>
before(async () => {
  cli = await cliFor({})
})
after(() => cli[Symbol.asyncDispose]())

async function folder(name: string, files: Readonly<Record<string, string>>) {
  const path = join(cli.home, name)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), text)
  }
  return path
}

test('definition check says what is wrong where, and fails', async () => {
  const cwd = await folder('wrong', { 'berth.yaml': 'port: 1\nhelth: /\n', Procfile: 'web: a\n' })
  const said = await cli.berth(['definition', 'check'], { cwd })
  assert.equal(said.code, 1)
  assert.equal(said.stdout, 'berth.yaml:2:1: unknown key "helth"; did you mean "health"?\n')
  const alone = await cli.berth(['definition', 'check', 'Procfile'], { cwd })
  assert.deepEqual([alone.code, alone.stdout], [0, 'Procfile: no mistake\n'])
})

test('definition check follows what files name, and warns', async () => {
  const cwd = await folder('right', {
    'berth.yaml': 'build:\n  compose: deploy/c.yml\n',
    'deploy/c.yml': 'services:\n  web:\n    build: ..\n    env_file: x.env\n    tty: true\n',
    'deploy/x.env': 'A=1\n',
  })
  const said = await cli.berth(['definition', 'check', '--json'], { cwd })
  assert.deepEqual(JSON.parse(said.stdout), {
    files: ['berth.yaml', 'deploy/c.yml', 'deploy/x.env'],
    errors: [],
    warnings: ['deploy/c.yml:5: services.web.tty is not used'],
  })
  assert.equal(said.code, 0)
})

test('definition schema prints a JSON Schema', async () => {
  const said = await cli.berth(['definition', 'schema'])
  assert.equal(JSON.parse(said.stdout).properties.port.maximum, 65_535)
})
