import { describe, expect, it } from 'vitest';
import { addressText, clientAddress, isLoopback, rateKey } from '../../server/gateway/address.ts';
import { bindRefusal } from '../../server/gateway/bind.ts';
import { gatewayConfig } from '../../server/gateway/config.ts';
import { monitorAllowed, originAllowed, sessionToken } from '../../server/gateway/http/guard.ts';

describe('where the gateway listens', () => {
  it('is loopback unless TLS is announced or waived', () => {
    for (const HOST of [undefined, '127.0.0.1', '127.8.8.8', '::1', 'localhost'])
      expect(bindRefusal({ HOST })).toBeNull();
    for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'wattroom.example', '127.0.0.1.example']) {
      expect(bindRefusal({ HOST })).toMatch(/^HOST=.*PUBLIC_URL=https.*INSECURE_HTTP=1/);
      expect(bindRefusal({ HOST, PUBLIC_URL: 'http://wattroom.example' })).not.toBeNull();
      expect(bindRefusal({ HOST, INSECURE_HTTP: 'yes' })).not.toBeNull();
      expect(bindRefusal({ HOST, PUBLIC_URL: 'https://wattroom.example' })).toBeNull();
      expect(bindRefusal({ HOST, INSECURE_HTTP: '1' })).toBeNull();
    }
  });

  it('is refused with one line when PUBLIC_URL is no origin', () => {
    for (const PUBLIC_URL of ['wattroom.example', 'https://a.example/path', 'ftp://a.example', '']) {
      expect(bindRefusal({ PUBLIC_URL })).toMatch(/^PUBLIC_URL is [^\n]*$/);
    }
  });

  it('decides how cookies are kept', () => {
    const secure = (env: Record<string, string>): boolean => {
      const configured = gatewayConfig(env);
      if (!configured.ok) throw new Error(configured.why);
      return configured.config.secureCookies;
    };
    expect(secure({})).toBe(true);
    expect(secure({ HOST: '0.0.0.0', PUBLIC_URL: 'https://a.example' })).toBe(true);
    expect(secure({ HOST: '0.0.0.0', INSECURE_HTTP: '1' })).toBe(false);
  });

  it('takes no half configuration', () => {
    expect(gatewayConfig({ PORT: '70000' })).toMatchObject({ ok: false, why: expect.stringContaining('PORT') });
    expect(gatewayConfig({ METRICS_TOKEN: 'short' })).toMatchObject({
      ok: false,
      why: expect.stringContaining('METRICS'),
    });
  });
});

describe('addresses', () => {
  it('are told from bytes', () => {
    expect(addressText(Uint8Array.of(127, 0, 0, 1))).toBe('127.0.0.1');
    expect(addressText(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 7))).toBe('10.0.0.7');
    expect(isLoopback(addressText(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)))).toBe(true);
    expect(isLoopback('127.0.0.1.evil.example')).toBe(false);
  });

  it('of clients come from a proxy only when one is announced and on this machine, and only its own word counts', () => {
    expect(clientAddress('127.0.0.1', '1.1.1.1, 203.0.113.9', true)).toBe('203.0.113.9');
    expect(clientAddress('127.0.0.1', '203.0.113.9', false)).toBe('127.0.0.1');
    expect(clientAddress('198.51.100.1', '203.0.113.9', true)).toBe('198.51.100.1');
    expect(clientAddress('127.0.0.1', 'nonsense', true)).toBe('127.0.0.1');
  });

  it('of one IPv6 network count as one', () => {
    expect(rateKey('2001:db8:0:7:1:2:3:4')).toBe('2001:db8:0:7');
    expect(rateKey('2001:db8:0:7::9')).toBe('2001:db8:0:7');
    expect(rateKey('2001:db8::9')).toBe('2001:db8:0:0');
    expect(rateKey('::1')).toBe('0:0:0:0');
    expect(rateKey('203.0.113.9')).toBe('203.0.113.9');
  });
});

describe('figures and health', () => {
  const token = 'a-long-monitoring-token';
  it('are open to this machine and by token elsewhere, and a proxy does not make the world local', () => {
    expect(monitorAllowed('127.0.0.1', false, '', null)).toBe(true);
    expect(monitorAllowed('::1', false, '', token)).toBe(true);
    expect(monitorAllowed('127.0.0.1', true, '', token)).toBe(false);
    expect(monitorAllowed('10.0.0.2', false, '', token)).toBe(false);
    expect(monitorAllowed('10.0.0.2', false, `Bearer ${token}`, token)).toBe(true);
    expect(monitorAllowed('127.0.0.1', true, `Bearer ${token}`, token)).toBe(true);
    expect(monitorAllowed('10.0.0.2', false, `Bearer ${token}x`, token)).toBe(false);
    expect(monitorAllowed('10.0.0.2', false, token, token)).toBe(false);
    expect(monitorAllowed('10.0.0.2', false, 'Bearer ', null)).toBe(false);
  });
});

describe('origins', () => {
  it('are our own host or the public one, nothing that only looks like them', () => {
    const allowed = (origin: string, host = 'a.example:8080', open: string | null = 'https://b.example'): boolean =>
      originAllowed(origin, host, open);
    expect(allowed('http://a.example:8080')).toBe(true);
    expect(allowed('https://b.example')).toBe(true);
    for (const origin of [
      '',
      'null',
      'http://a.example',
      'http://b.example',
      'https://b.example.evil',
      'ws://a.example:8080',
    ]) {
      expect(allowed(origin)).toBe(false);
    }
    expect(allowed('http://', '')).toBe(false);
  });
});

describe('the session cookie', () => {
  it('is found among others by its whole name', () => {
    expect(sessionToken('a=1; __Host-wattroom=tok; b=2', true)).toBe('tok');
    expect(sessionToken('x__Host-wattroom=tok; wattroom=other', true)).toBeNull();
    expect(sessionToken('wattroom=other', false)).toBe('other');
  });
});

describe('several sites', () => {
  const sitesOf = (SITES: string): unknown => {
    const configured = gatewayConfig({ SITES });
    return configured.ok ? configured.config.sites : configured.why;
  };
  it('are a list of names and addresses', () => {
    expect(sitesOf('东区 East=https://east.example.com/, West = http://10.0.0.7:8080')).toEqual([
      { name: '东区 East', url: 'https://east.example.com' },
      { name: 'West', url: 'http://10.0.0.7:8080' },
    ]);
    expect(sitesOf('')).toEqual([]);
  });
  it('are refused with one line when one has no name or no address a browser can go to', () => {
    for (const text of ['East', '=https://a.example', 'East=javascript:alert(1)', 'East=https://a.example, West=b'])
      expect(sitesOf(text)).toMatch(/^SITES: name and address[^\n]*$/);
  });
});
