import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fieldOf } from '../../harness/browser.ts'
import { writeFiles } from '../../harness/builds.ts'
import { unpackDebian } from '../../harness/debian.ts'
import type { App } from './app.ts'

const web = 'usr/share/mediawiki'

/** The packages' tree without extensions, as upstream's mediawiki-core; what Debian keeps elsewhere is where upstream has it. */
export const mediawiki: App = {
  name: 'wiki',
  async tree(folder) {
    await using debian = await unpackDebian('mediawiki', 'mediawiki-classes')
    const at = (path: string) => join(debian.root, web, path)
    for (const link of ['LocalSettings.php', 'config', 'extensions', 'images']) await rm(at(link))
    await rm(at('extensions-core'), { recursive: true })
    await cp(join(debian.root, 'var/lib/mediawiki/images'), at('images'), { recursive: true })
    await debian.copyTo(web, folder)
    await writeFiles(folder, own)
    assert.deepEqual(await debian.changedIn('mediawiki', `${web}/includes`, join(folder, 'includes')), [])
  },
  builds: /PHP app detected/,
  ways: ['folder', 'repository'],
  env: ({ host, port, user, password }) => ({
    DB_SERVER: `${host}:${port}`,
    DB_NAME: 'mediawiki',
    DB_USER: user,
    DB_PASSWORD: password,
  }),
  once: ['sh', 'install.sh'],
  async install(site) {
    const page = await site.visit('/index.php?title=Harbour&action=edit')
    const fields = [
      'wpEditToken',
      'wpUnicodeCheck',
      'wpStarttime',
      'wpEdittime',
      'editRevId',
      'parentRevId',
      'wpUltimateParam',
    ]
    const form = Object.fromEntries(fields.map((name) => [name, fieldOf(page.body, name)]))
    await site.visit('/index.php?title=Harbour&action=submit', {
      ...form,
      wpTextbox1: "A '''berth''' is where ships lie.",
      wpSave: 'Save page',
    })
  },
  async serves(site) {
    const { body } = await site.visit('/index.php/Harbour')
    assert.match(body, /<title>Harbour - The Harbour Wiki<\/title>/)
    assert.match(body, /A <b>berth<\/b> is where ships lie/)
    assert.match((await site.visit('/index.php/Special:Version')).body, /1\.39\.\d+/)
  },
}

/** What MediaWiki's installer would write, with what is set in the environment, and a call of that installer for the tables. */
const own = {
  'LocalSettings.php': `<?php
$wgSitename = 'The Harbour Wiki';
$wgScriptPath = '';
$wgAssumeProxiesUseDefaultProtocolPorts = false;
$wgServer = WebRequest::detectServer();
$wgDBtype = 'mysql';
$wgDBserver = getenv('DB_SERVER');
$wgDBname = getenv('DB_NAME');
$wgDBuser = getenv('DB_USER');
$wgDBpassword = getenv('DB_PASSWORD');
$wgSecretKey = getenv('SECRET_KEY');
$wgMainCacheType = CACHE_NONE;
$wgCacheDirectory = '/tmp';
wfLoadSkin('Vector');
`,
  'install.sh': `MW_CONFIG_FILE=/tmp/none.php exec php maintenance/install.php --confpath=/tmp --dbtype=mysql --dbserver="$DB_SERVER" \\
  --dbname="$DB_NAME" --dbuser="$DB_USER" --dbpass="$DB_PASSWORD" --pass="$SECRET_KEY" 'The Harbour Wiki' ada
`,
  'berth.yaml': 'health: /mw-config/images/tick-32.png\nenv:\n  SECRET_KEY: { generate: secret }\n',
}
