/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HV_VERSION_H
#define HV_VERSION_H

#define HV_VERSION_MAJOR 0U
#define HV_VERSION_MINOR 1U
#define HV_VERSION       "0.1"

#endif
