import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { changeEnv } from '../../src/contract/env.ts'
import { rollback } from '../../src/contract/releases.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { browse } from '../harness/browser.ts'
import { unpackDebian } from '../harness/debian.ts'
import { type Database, startMariadb } from '../harness/mariadb.ts'
import { newRepository } from '../harness/repository.ts'

let berth: TestBerth
let database: Database
before(async () => {
  berth = await startBerth()
  database = await startMariadb('wordpress')
})
after(async () => {
  await database?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
})

test('WordPress installs, and serves its site after a second push and a rollback', async () => {
  await using repository = await newRepository()
  await commitWordpress(repository)
  await berth.createApp('blog')
  await setDatabase('blog')

  const first = await berth.push(repository, 'blog')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stderr, /PHP app detected/)
  await install()
  await assertServes()

  await repository.commit({ 'note.html': 'a second release' })
  assert.equal((await berth.push(repository, 'blog')).code, 0)
  assert.equal((await site().visit('/note.html')).body, 'a second release')
  await assertServes()

  await berth.client.call(rollback, { params: { app: 'blog' }, body: {} })
  assert.equal((await berth.settled('blog')).state, 'succeeded')
  assert.doesNotMatch((await site().visit('/note.html')).body, /a second release/)
  await assertServes()
})

const site = () => browse(berth.target('blog'))

/** The package's tree with its links followed (the one to certificates: this machine's); Apache's settings are of no use here. */
async function commitWordpress({ dir, commit }: Awaited<ReturnType<typeof newRepository>>): Promise<void> {
  await using debian = await unpackDebian('wordpress', ...linkedFrom, 'wordpress-theme-twentytwentythree')
  await rm(join(debian.root, 'usr/share/wordpress/.htaccess'))
  await debian.copyTo('usr/share/wordpress', dir)
  await commit(own)
  assert.deepEqual(await debian.changedIn('wordpress', 'usr/share/wordpress', dir), ['wp-config.php'])
}

/** Packages that the links of WordPress's tree point into. */
const linkedFrom = ['libjs-cropper', 'libjs-underscore', 'php-getid3']

const keys = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY']
const salts = ['AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT']
const secrets = [...keys, ...salts]

/** What anybody who installs WordPress writes. */
const own = {
  'wp-config.php': `<?php
foreach (['DB_HOST', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', '${secrets.join("', '")}'] as $name) {
    define($name, getenv($name));
}
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('DISALLOW_FILE_MODS', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
`,
  'berth.yaml': `env:\n${secrets.map((name) => `  ${name}: { generate: secret }\n`).join('')}`,
}

async function setDatabase(app: string): Promise<void> {
  const { host, port, name, user, password } = database
  const set = {
    DB_HOST: { value: `${host}:${port}` },
    DB_NAME: { value: name },
    DB_USER: { value: user },
    DB_PASSWORD: { value: password, secret: true },
  }
  await berth.client.call(changeEnv, { params: { app }, query: {}, body: { set } })
}

async function install(): Promise<void> {
  const browser = site()
  const page = await browser.visit('/')
  assert.equal(page.url, `${browser.origin}/wp-admin/install.php`)
  assert.match(page.body, /name="weblog_title"/)
  const done = await browser.visit('/wp-admin/install.php?step=2', {
    weblog_title: 'The Harbour Times',
    user_name: 'ada',
    admin_password: 'correct horse battery staple',
    admin_password2: 'correct horse battery staple',
    pw_weak: 'on',
    admin_email: 'ada@example.com',
    blog_public: '0',
    language: '',
  })
  assert.match(done.body, /Success!/, done.body)
}

/** The front page, and the way in to the administration. */
async function assertServes(): Promise<void> {
  const browser = site()
  const front = await browser.visit('/')
  assert.equal(front.status, 200)
  assert.match(front.body, /<title>The Harbour Times<\/title>/)
  await browser.visit('/wp-login.php')
  const form = { log: 'ada', pwd: 'correct horse battery staple', testcookie: '1', redirect_to: '/wp-admin/' }
  const dashboard = await browser.visit('/wp-login.php', form)
  assert.match(dashboard.body, /Howdy, .*ada/)
}
