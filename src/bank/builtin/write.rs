//! From what the engine says to what the accounts hold.

use super::{create, tokens};
use anchor_lang::Result;
use anchor_lang::solana_program::account_info::AccountInfo;
use anchor_lang::solana_program::program_error::ProgramError;
use drift::accounts::{Account, Pubkey};
use drift::instruction::Instruction;
use drift::key::pda::Derived;
use solana_sdk::program_stubs::sol_log;

/// Makes of the accounts `before` those `after`, which are in the order of `infos`.
pub(super) fn changes<'a>(
    instruction: &Instruction,
    infos: &[AccountInfo<'a>],
    before: &[Account],
    after: &[Account],
) -> Result<()> {
    let mut balances = Vec::new();
    for (place, info) in infos.iter().enumerate() {
        let named_before = infos[..place].iter().any(|other| other.key == info.key);
        let (before, now) = (&before[place], &after[place]);
        if before == now || named_before {
            continue;
        }
        if !info.is_writable {
            sol_log(&format!("{} changes, but is not writable", info.key));
            return Err(ProgramError::Immutable.into());
        }
        match (before, now) {
            (Account::Token(before), Account::Token(now)) => {
                balances.push(tokens::Balance::new(info, before, now));
            }
            (Account::Absent, now) => {
                let seeds = home(now, info, after).map(|place| place.signing_seeds());
                let seeds = seeds.unwrap_or_default();
                let payer = payer(instruction, infos)?;
                if let Account::Token(token) = now {
                    tokens::open(payer, info, infos, token, &seeds)?;
                } else {
                    let data = now.encode();
                    create::create(payer, info, &seeds, data.len(), now.owner())?;
                    info.try_borrow_mut_data()?.copy_from_slice(&data);
                }
            }
            (_, now) if now.owner() == before.owner() => store(info, &now.encode())?,
            _ => {
                sol_log(&format!("{} is closed, which no instruction does", info.key));
                return Err(ProgramError::InvalidAccountData.into());
            }
        }
    }
    tokens::settle(infos, balances)
}

fn store(info: &AccountInfo, contents: &[u8]) -> Result<()> {
    let mut data = info.try_borrow_mut_data()?;
    if data.len() != contents.len() {
        return Err(ProgramError::AccountDataTooSmall.into());
    }
    data.copy_from_slice(contents);
    Ok(())
}

/// Where the program itself would keep `account`, if that is where `info` is: it can sign for such an address.
fn home(account: &Account, info: &AccountInfo, all: &[Account]) -> Option<Derived> {
    let key = Pubkey(info.key.to_bytes());
    let place = match account {
        Account::State(_) => Derived::State,
        Account::PerpMarket(market) => Derived::PerpMarket(market.market_index),
        Account::SpotMarket(market) => Derived::SpotMarket(market.market_index),
        Account::User(user) => Derived::User(user.authority, user.sub_account_id),
        Account::UserStats(stats) => Derived::UserStats(stats.authority),
        Account::InsuranceFundStake(stake) => Derived::InsuranceStake(stake.authority, stake.market_index),
        Account::Token(_) => all.iter().find_map(|account| match account {
            Account::SpotMarket(market) if market.vault == key => {
                Some(Derived::SpotVault(market.market_index))
            }
            Account::SpotMarket(market) if market.insurance_fund.vault == key => {
                Some(Derived::InsuranceVault(market.market_index))
            }
            _ => None,
        })?,
        _ => return None,
    };
    (place.address() == key).then_some(place)
}

/// Who pays the rent of new accounts: the instruction's payer, or its administrator.
fn payer<'b, 'a>(instruction: &Instruction, infos: &'b [AccountInfo<'a>]) -> Result<&'b AccountInfo<'a>> {
    let place = |role: &str| instruction.roles().iter().position(|(name, ..)| *name == role);
    let place = place("payer").or_else(|| place("admin"));
    let payer = place.and_then(|place| infos.get(place));
    Ok(payer.ok_or(ProgramError::NotEnoughAccountKeys)?)
}
