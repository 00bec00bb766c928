import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildPlace } from '../harness/builds.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
before(async () => {
  place = await buildPlace()
})
after(() => place.end())

/** Needs no network but for Debian's packages: the repository that it clones is made by its own commands. */
const metadata = `
os: { Debian: { packages: [git-core] } }
interpreter: { type: python, versions: ["2.7", "3"], settings: { module: site_app } }
repository:
  env: { GIT_AUTHOR_NAME: Ada, GIT_AUTHOR_EMAIL: ada@example.com, GIT_COMMITTER_NAME: Ada, GIT_COMMITTER_EMAIL: a@b.c, WHERE: repository }
  clone:
    - git init -q -b main /srv/origin && cd /srv/origin && echo one > page && git add page && git commit -qm "First page"
    - git clone -q /srv/origin %destination%
    - echo "clone sees $WHERE, $GREETING, $HOME, $UPAAS_FRESH_PACKAGE in $(pwd)"
  update: |
    (cd /srv/origin && echo two > page && git commit -qam "Second page")
    git pull -q
    echo "update sees $WHERE, $GREETING in $(pwd)"
env: { GREETING: 'it''s "me" $HOME', SECRET: canary-of-metadata }
actions:
  setup:
    before: [ 'echo before > /tmp/order', 'echo "before sees $GREETING, $SECRET, $HOME, $WHERE"' ]
    main: |
      echo main >> /tmp/order
      echo "domain $UPAAS_SYSTEM_DOMAIN, fresh $UPAAS_FRESH_PACKAGE, python $(python -c 'import sys; print(sys.prefix)')"
    after: /bin/sh /tmp/after.sh
files:
  /tmp/after.sh: |
    echo after >> /tmp/order; tr '\\n' ' ' < /tmp/order > order
  site_app.py: |
    import os
    def application(environ, start):
        start('200 OK', [('Content-Type', 'text/plain')])
        return [f"{os.environ.get('GREETING')} {open('page').read()} {open('order').read()} {os.getuid()}".encode()]
uwsgi: { settings: ["static-map = /files=/home/app", "exec-asap = touch /tmp/unsafe"] }
`
const more = { metadata, hosts: ['meta.example.com', 'www.example.com'] }

test('metadata run every step in order with the right variables, and the next build goes on from there', async () => {
  const empty = await place.folderOf({})
  const first = await place.build('meta', empty, { more, env: { GREETING: 'good morning', WHERE: 'where it is' } })
  const said = first.log.map((line) => line.replace(/ \(cached\)$/, ''))
  const steps = said.filter((line) => line.startsWith('----->') && !line.includes('Installing packages'))
  assert.deepEqual(
    steps.map((line) => line.slice(7)),
    [
      'Metadata for Python found',
      'Running interpreter actions',
      'Cloning the repository',
      'Asking for the revision',
      'Writing files',
      'Running before actions',
      'Running main actions',
      'Running after actions',
    ],
  )
  const has = (text: string, log: readonly string[] = said) =>
    assert(
      log.some((line) => line.includes(text)),
      `${text}\n${log.join('\n')}`,
    )
  has('Python 3.11.2, a fresh package')
  has('clone sees [WHERE], , /root,  in /')
  has('before sees [GREETING], canary-of-metadata, /home/app, [WHERE]')
  has('domain meta.example.com, fresh true, python /opt/venv')
  has('"exec-asap = touch /tmp/unsafe" is not among the options')
  assert.equal(first.recipe, 'uPaaS metadata (python)')
  assert.deepEqual(first.revision?.changelog, [])
  assert.deepEqual([first.revision?.author, first.revision?.description], ['Ada <ada@example.com>', 'First page'])
  assert.equal(first.formation.env.UPAAS_CUSTOM_DOMAINS, 'www.example.com')
  {
    await using instance = await place.start(first, first.formation.env)
    assert.equal(await (await instance.fetch('/')).text(), 'it\'s "me" $HOME one\n before main after  1000')
    assert.equal(await (await instance.fetch('/files/page')).text(), 'one\n')
  }
  assert.deepEqual(await place.searchNewLayers(first.image, ['canary-of-metadata']), [], 'variables are in no layer')

  const second = await place.build('meta', empty, { more: { ...more, previous: first.image } })
  has('on the package before', second.log)
  has('update sees repository,  in /home/app', second.log)
  has('domain meta.example.com, fresh , python /opt/venv', second.log)
  assert(!second.log.some((line) => line.includes('Installing packages')))
  assert.match(second.revision?.changelog.join() ?? '', /^[0-9a-f]+ Second page$/)
  await using instance = await place.start(second, second.formation.env)
  assert.match(await (await instance.fetch('/')).text(), /two\n before main after/)
})

test('with files that were sent, those are built, and what a later build has no more is gone', async () => {
  const folder = await place.folderOf({
    'upaas.yml': metadata.replace('/bin/sh /tmp/after.sh', 'echo "$(ls)" > order; rm -f gone-on-purpose'),
    page: 'sent\n',
    'old/page': 'old',
  })
  const first = await place.build('sent', folder)
  assert(first.log.some((line) => line.includes('what was sent is built')))
  assert(!first.log.some((line) => line.includes('Cloning')))
  await writeFile(join(folder, 'new'), 'x')
  await rm(join(folder, 'old'), { recursive: true })
  const second = await place.build('sent', folder, { more: { previous: first.image } })
  assert(second.log.some((line) => line.includes('on the package before')))
  await using instance = await place.start(second, second.formation.env)
  const body = await (await instance.fetch('/')).text()
  assert.match(body, /^it's "me" \$HOME sent\n new\norder\npage\nsite_app.py\nupaas.yml\n/)
  const fetched = await place.build('sent', await place.folderOf({}), { more: { ...more, previous: second.image } })
  assert(
    fetched.log.some((line) => line.includes('this one is built fresh')),
    fetched.log.join('\n'),
  )
})

test('the first command that fails ends the build, and is named', async () => {
  const failing = metadata.replace("'echo before > /tmp/order'", "'echo here; exit 7', 'echo never'")
  const lines: string[] = []
  const built = place.build('failing', await place.folderOf({}), {
    more: { metadata: failing },
    onLine: (line) => lines.push(line),
  })
  await assert.rejects(built, {
    code: 'BUILD_FAILED',
    message: 'build failed at Running before actions: exit code 7: here',
  })
  assert(lines.includes('       $ echo here; exit 7'))
  assert(!lines.some((line) => line.includes('never')))
})

test('metadata that this stack cannot serve are refused before anything is built', async () => {
  const old = metadata.replace('["2.7", "3"]', '["2.7"]')
  await assert.rejects(place.build('old', await place.folderOf({}), { more: { metadata: old } }), {
    code: 'DEFINITION',
    message:
      /^the app's metadata:3:40: unsupported interpreter version: it asks for Python 2\.7, and there is 3\.11\.2 here/,
  })
  const strange = metadata.replace('type: python', 'type: cobol')
  await assert.rejects(place.build('strange', await place.folderOf({}), { more: { metadata: strange } }), {
    code: 'DEFINITION',
    message: /there is no interpreter "cobol" here; there are perl, php, python, ruby/,
  })
})

test('PHP answers, and shows neither repositories nor settings', async () => {
  const text = `
interpreter: { type: php, versions: ["8"] }
repository: { clone: mkdir -p %destination%/.git, update: "true" }
files:
  index.php: "<?php echo 'PHP ', PHP_MAJOR_VERSION, ' at ', $_SERVER['REQUEST_URI'];"
  style.css: "a {}"
  .env: secret
  lib.inc: secret
`
  const built = await place.build('php', await place.folderOf({}), { more: { metadata: text } })
  await using instance = await place.start(built)
  assert.equal(await (await instance.fetch('/?x=1')).text(), 'PHP 8 at /?x=1')
  assert.equal(await (await instance.fetch('/style.css')).text(), 'a {}')
  for (const path of ['/.env', '/lib.inc', '/.git/']) {
    assert(!(await (await instance.fetch(path)).text()).includes('secret'), path)
  }
})
