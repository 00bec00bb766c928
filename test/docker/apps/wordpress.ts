import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

/** The package's tree with its links followed (the one to certificates: this machine's); Apache's settings are of no use here. */
export const wordpress: App = {
  name: 'blog',
  async tree(folder) {
    await using debian = await unpackDebian('wordpress', ...linkedFrom, 'wordpress-theme-twentytwentythree')
    await rm(join(debian.root, 'usr/share/wordpress/.htaccess'))
    await debian.copyTo('usr/share/wordpress', folder)
    await writeFiles(folder, own)
    assert.deepEqual(await debian.changedIn('wordpress', 'usr/share/wordpress', folder), ['wp-config.php'])
  },
  builds: /PHP app detected/,
  ways: ['git push', 'folder'],
  env: ({ host, port, user, password }) => ({
    DB_HOST: `${host}:${port}`,
    DB_NAME: 'wordpress',
    DB_USER: user,
    DB_PASSWORD: password,
  }),
  async install(site) {
    const page = await site.visit('/')
    assert.equal(page.url, `${site.origin}/wp-admin/install.php`)
    assert.match(page.body, /name="weblog_title"/)
    const done = await site.visit('/wp-admin/install.php?step=2', {
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
  },
  /** The front page, and the way in to the administration. */
  async serves(site) {
    const front = await site.visit('/')
    assert.equal(front.status, 200)
    assert.match(front.body, /<title>The Harbour Times<\/title>/)
    await site.visit('/wp-login.php')
    const form = { log: 'ada', pwd: 'correct horse battery staple', testcookie: '1', redirect_to: '/wp-admin/' }
    assert.match((await site.visit('/wp-login.php', form)).body, /Howdy, .*ada/)
  },
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
