import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cliFor } from '../../test/harness/cli.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../../test/fixtures/upaas/${name}.yml`, import.meta.url))

for (const [name, recipe, says] of [
  [
    'redmine',
    'uPaaS metadata (ruby)',
    [/^step 1 +Cloning the repository/m, /git clone .*2\.4-stable/, /refused: .*Ruby/],
  ],
  ['django', 'uPaaS metadata (python)', [/^uwsgi +module = django\.core\.handlers\.wsgi:WSGIHandler\(\)/m]],
  ['phpmyadmin', 'uPaaS metadata (php)', [/^packages .*php-mysql/m, /^! .*php5-mcrypt is gone from Debian/m]],
] as const) {
  test(`build plan --metadata ${name}.yml needs no folder and no server`, async () => {
    await using cli = await cliFor({ BERTH_URL: '' })
    const plan = ['build', 'plan', '--metadata', fixture(name)]
    const shown = await cli.berth(plan)
    assert.equal(shown.code, 0, shown.stderr)
    for (const line of says) assert.match(shown.stdout, line)
    const told = await cli.berth([...plan, '--json'])
    assert.equal(told.code, 0, told.stderr)
    assert.equal(JSON.parse(told.stdout).recipe, recipe)
  })
}
