import './lib/jitless.ts';
import { mount } from 'svelte';
import './tokens.css';
import './app.css';
import App from './App.svelte';
import { locale } from './i18n/locale.svelte.ts';

locale.language = locale.language;
mount(App, { target: document.body });
