/* SPDX-License-Identifier: Apache-2.0 */
#include "hvplan.h"

int main(int argc, char **argv)
{
    return hvplan_run(argc, argv, stdout, stderr);
}
