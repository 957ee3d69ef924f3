import { describe, expect, it } from '@jest/globals';
import { type DomainRejection, fold } from '@kwanus/kernel';
import { platformVersions } from './platform.js';
import { type FirstPermission, permissionRegistry, type RegistryEvent } from './registry.js';

const first = (id: string, actions: readonly string[] = ['read']): FirstPermission => ({
  terms: { id, title: id, owner: 'platform', resource: 'order', actions, privileged: false, tiers: [] },
  reason: 'r',
});
const SYSTEM = { id: 'system:validation', seats: [] };
const bootstrap = (permissions: readonly FirstPermission[], past: readonly RegistryEvent[] = []) =>
  permissionRegistry.decide(
    { type: 'BootstrapPermissions', permissions, by: SYSTEM },
    fold(permissionRegistry, past),
    { body: 'SCO' },
  );

describe("the platform's own permissions", () => {
  it('[PB-4.10] are active from the first day, one version each', () => {
    const events = bootstrap([first('orders:read'), first('orders:write')]);
    expect(fold(permissionRegistry, events)).toMatchObject({
      version: 2,
      permissions: { 'orders:read': { status: 'active' }, 'orders:write': { status: 'active' } },
    });
    expect(fold(permissionRegistry, events.slice(0, 1)).permissions).not.toHaveProperty('orders:write');
  });

  it('are given once: a registry that has a version keeps what people made of it', () =>
    expect(bootstrap([first('orders:list')], bootstrap([first('orders:read')]))).toEqual([]));

  it('are as bounded as everybody else’s', () => {
    let code: string | undefined;
    try {
      bootstrap([first('orders:read', ['*'])]);
    } catch (error) {
      ({ code } = error as DomainRejection);
    }
    expect(code).toBe('permission-unbounded');
  });
});

describe('versions of the platform', () => {
  it('are recorded once each', () => {
    const released = (versions: readonly string[]) => ({ type: 'ReleasePlatform' as const, versions });
    const events = platformVersions.decide(released(['4.2.0', '5.0.0', '5.0.0']), [], undefined);
    expect(fold(platformVersions, events)).toEqual(['4.2.0', '5.0.0']);
    expect(
      platformVersions.decide(released(['5.0.0', '5.1.0']), fold(platformVersions, events), undefined),
    ).toEqual([{ type: 'PlatformVersionReleased', version: '5.1.0' }]);
  });
});
