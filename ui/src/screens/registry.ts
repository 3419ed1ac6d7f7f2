/** Which component is which screen. */
import type { Component } from 'svelte';
import ApprovalsScreen from '../approvals/ApprovalsScreen.svelte';
import AuditScreen from '../audit/AuditScreen.svelte';
import HandoverScreen from '../handover/HandoverScreen.svelte';
import AccountsScreen from '../accounts/AccountsScreen.svelte';
import EmergencyScreen from '../emergency/EmergencyScreen.svelte';
import AlarmsScreen from '../alarms/AlarmsScreen.svelte';
import MeterMoneyScreen from '../charging/MeterMoneyScreen.svelte';
import HomeScreen from '../home/HomeScreen.svelte';
import type { Screen } from '../lib/route.svelte.ts';
import IndexesScreen from '../meters/IndexesScreen.svelte';
import OrdersScreen from '../orders/OrdersScreen.svelte';
import SetupScreen from '../setup/SetupScreen.svelte';
import SwitchingScreen from '../switching/SwitchingScreen.svelte';
import TariffsScreen from '../tariffs/TariffsScreen.svelte';
import NoticesScreen from '../notices/NoticesScreen.svelte';
import MeScreen from '../people/MeScreen.svelte';
import PeopleScreen from '../people/PeopleScreen.svelte';
import WallScreen from '../wall/WallScreen.svelte';
import LinesScreen from './LinesScreen.svelte';
import LowMoneyScreen from './LowMoneyScreen.svelte';
import SystemScreen from './SystemScreen.svelte';

export const screenOf: Readonly<Record<Screen, Component>> = {
  wall: WallScreen,
  home: HomeScreen,
  alarms: AlarmsScreen,
  lowMoney: LowMoneyScreen,
  emergency: EmergencyScreen,
  switching: SwitchingScreen,
  accounts: AccountsScreen,
  orders: OrdersScreen,
  meterMoney: MeterMoneyScreen,
  tariffs: TariffsScreen,
  indexes: IndexesScreen,
  site: SetupScreen,
  notices: NoticesScreen,
  lines: LinesScreen,
  system: SystemScreen,
  audit: AuditScreen,
  approvals: ApprovalsScreen,
  handover: HandoverScreen,
  people: PeopleScreen,
  me: MeScreen,
};
