/** The tenant's page: what a link opens. */
import './lib/jitless.ts';
import { mount } from 'svelte';
import './tokens.css';
import './app.css';
import { locale } from './i18n/locale.svelte.ts';
import './lib/theme.svelte.ts';
import Shared from './why/Shared.svelte';

locale.language = locale.language;
mount(Shared, { target: document.body });
